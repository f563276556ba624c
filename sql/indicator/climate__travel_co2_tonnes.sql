-- One row per period, and one per period and means or fuel, for the region.
-- Emissions in tonnes from business travel and the region's own vehicles, accumulated from January.
with

emissions as (
    select
        month,
        means_name,
        co2e_g
    from core.emissions
),

coverage as (
    select max(month) as last_month
    from emissions
),

period_months as (
    select
        period_months.period_id,
        period_months.month
    from core.period_months
    cross join coverage
    where
        period_months.span = 'period'
        and period_months.opens_month <= coverage.last_month
),

by_breakdown as (
    select month, '' as breakdown, co2e_g
    from emissions
    union all
    select month, means_name as breakdown, co2e_g
    from emissions
),

final as (
    select
        'RJH' as unit_id,
        period_months.period_id as period,
        'T' as sex,
        by_breakdown.breakdown,
        cast(sum(by_breakdown.co2e_g) * 0.000001 as decimal(24, 6)) as numerator,
        cast(null as decimal(24, 6)) as denominator,
        cast(null as bigint) as person_count
    from by_breakdown
    inner join period_months on by_breakdown.month = period_months.month
    group by period_months.period_id, by_breakdown.breakdown
)

select * from final

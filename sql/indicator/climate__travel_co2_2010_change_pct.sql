-- One row per period, and one per period and means or fuel, for the region.
-- Emissions from business travel and the region's own vehicles against the same months of 2010,
-- both with the factors frozen at the base year. A month counts when it is delivered in both years:
-- a year that nobody delivered is not a year without travel.
with

emissions as (
    select
        month,
        means_name,
        cast(co2e_g as decimal(24, 4)) as co2e_g
    from core.emissions
),

delivered_months as (
    select distinct month
    from emissions
),

coverage as (
    select max(month) as last_month
    from delivered_months
),

paired_months as (
    select
        period_months.period_id,
        period_months.current_month
    from core.period_months
    inner join core.periods on period_months.period_id = periods.period_id
    inner join delivered_months as base_months on period_months.month = base_months.month
    inner join delivered_months as current_months
        on period_months.current_month = current_months.month
    cross join coverage
    where
        period_months.span = 'base_2010'
        and period_months.opens_month <= coverage.last_month
        and periods.year > 2010
),

period_months as (
    select
        period_months.period_id,
        period_months.span,
        period_months.month
    from core.period_months
    inner join paired_months
        on
            period_months.period_id = paired_months.period_id
            and period_months.current_month = paired_months.current_month
    where period_months.span in ('period', 'base_2010')
),

means_summed as (
    select
        period_months.period_id,
        emissions.means_name,
        sum(case when period_months.span = 'period' then emissions.co2e_g else 0 end)
            as current_co2e_g,
        sum(case when period_months.span = 'base_2010' then emissions.co2e_g else 0 end)
            as base_co2e_g
    from emissions
    inner join period_months on emissions.month = period_months.month
    group by period_months.period_id, emissions.means_name
),

by_breakdown as (
    select period_id, '' as breakdown, current_co2e_g, base_co2e_g
    from means_summed
    union all
    select period_id, means_name as breakdown, current_co2e_g, base_co2e_g
    from means_summed
),

summed as (
    select
        period_id,
        breakdown,
        sum(current_co2e_g) as current_co2e_g,
        sum(base_co2e_g) as base_co2e_g
    from by_breakdown
    group by period_id, breakdown
),

-- What the base year did not use has no change in per cent.
final as (
    select
        'RJH' as unit_id,
        period_id as period,
        'T' as sex,
        breakdown,
        cast(current_co2e_g - base_co2e_g as decimal(28, 4)) as numerator,
        cast(base_co2e_g as decimal(28, 4)) as denominator,
        cast(null as bigint) as person_count
    from summed
    where base_co2e_g <> 0
)

select * from final

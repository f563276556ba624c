-- One row per period, for the region.
-- Emissions from business travel and the region's own vehicles against the same months of 2019,
-- both with the factors frozen at the base year.
with

facts as (
    select
        month,
        cast(co2e_g as decimal(24, 4)) as co2e_g
    from core.travel
    union all
    select
        month,
        cast(co2e_g as decimal(24, 4)) as co2e_g
    from core.fuel
),

coverage as (
    select
        min(month) as first_month,
        max(month) as last_month
    from facts
),

complete_periods as (
    select period_months.period_id
    from core.period_months
    inner join core.periods on period_months.period_id = periods.period_id
    cross join coverage
    where
        period_months.span = 'base_2019'
        and period_months.opens_month <= coverage.last_month
        and periods.year > 2019
    group by period_months.period_id
    having min(period_months.month) >= min(coverage.first_month)
),

period_months as (
    select
        period_months.period_id,
        period_months.span,
        period_months.month
    from core.period_months
    inner join complete_periods on period_months.period_id = complete_periods.period_id
    cross join coverage
    where
        period_months.span in ('period', 'base_2019')
        and period_months.current_month <= coverage.last_month
),

spans_summed as (
    select
        period_months.period_id,
        sum(case when period_months.span = 'period' then facts.co2e_g else 0 end)
            as current_co2e_g,
        sum(case when period_months.span = 'base_2019' then facts.co2e_g else 0 end)
            as base_co2e_g
    from facts
    inner join period_months on facts.month = period_months.month
    group by period_months.period_id
),

final as (
    select
        'RJH' as unit_id,
        period_id as period,
        'T' as sex,
        '' as breakdown,
        cast(current_co2e_g - base_co2e_g as decimal(28, 4)) as numerator,
        cast(base_co2e_g as decimal(28, 4)) as denominator,
        cast(null as bigint) as person_count
    from spans_summed
    where base_co2e_g <> 0
)

select * from final

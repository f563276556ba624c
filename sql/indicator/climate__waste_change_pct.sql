-- One row per period, for the region.
-- Weight of all waste against the same months of 2019. A month counts when it is delivered in both
-- years: a year that nobody delivered is not a year without waste.
with

waste as (
    select
        month,
        weight_kg
    from core.waste
),

delivered_months as (
    select distinct month
    from waste
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
        period_months.span = 'base_2019'
        and period_months.opens_month <= coverage.last_month
        and periods.year > 2019
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
    where period_months.span in ('period', 'base_2019')
),

spans_summed as (
    select
        period_months.period_id,
        sum(case when period_months.span = 'period' then waste.weight_kg else 0 end)
            as current_weight_kg,
        sum(case when period_months.span = 'base_2019' then waste.weight_kg else 0 end)
            as base_weight_kg
    from waste
    inner join period_months on waste.month = period_months.month
    group by period_months.period_id
),

final as (
    select
        'RJH' as unit_id,
        period_id as period,
        'T' as sex,
        '' as breakdown,
        cast(current_weight_kg - base_weight_kg as decimal(18, 1)) as numerator,
        cast(base_weight_kg as decimal(18, 1)) as denominator,
        cast(null as bigint) as person_count
    from spans_summed
    where base_weight_kg <> 0
)

select * from final

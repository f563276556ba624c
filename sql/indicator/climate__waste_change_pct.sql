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

period_months as (
    select
        period_months.period_id,
        period_months.month as base_month,
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

spans as (
    select period_id, base_month as month, 'base' as side
    from period_months
    union all
    select period_id, current_month as month, 'current' as side
    from period_months
),

spans_summed as (
    select
        spans.period_id,
        sum(case when spans.side = 'current' then waste.weight_kg else 0 end) as current_weight_kg,
        sum(case when spans.side = 'base' then waste.weight_kg else 0 end) as base_weight_kg
    from waste
    inner join spans on waste.month = spans.month
    group by spans.period_id
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

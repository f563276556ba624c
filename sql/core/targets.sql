-- One row per plan, indicator, unit and breakdown with a target.
-- The target as printed; what it means is read by the runner's grammar.
with

targets as (
    select * from seed.targets
),

periods as (
    select
        period_id,
        first_month,
        last_month
    from core.periods
),

final as (
    select
        targets.plan,
        targets.indicator_id,
        targets.unit_id,
        coalesce(targets.breakdown, '') as breakdown,
        targets.printed,
        targets.kind,
        nullif(targets.baseline, '') as baseline,
        nullif(targets.note, '') as note,
        targets.source,
        first_periods.first_month as valid_from,
        last_periods.last_month as valid_to
    from targets
    inner join periods as first_periods on targets.valid_from_period = first_periods.period_id
    inner join periods as last_periods on targets.valid_to_period = last_periods.period_id
)

select * from final

-- One row per plan, indicator, unit and breakdown with a target, in its latest decided revision.
-- The target as printed; what it means is read by the runner's grammar.
with

plans as (
    select
        plan_revision,
        plan,
        revision
    from core.plans
),

periods as (
    select
        period_id,
        first_month,
        last_month
    from core.periods
),

targets as (
    select
        plans.plan,
        plans.plan_revision,
        plans.revision,
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
    from seed.targets
    inner join plans on targets.plan = plans.plan_revision
    inner join periods as first_periods on targets.valid_from_period = first_periods.period_id
    inner join periods as last_periods on targets.valid_to_period = last_periods.period_id
),

final as (
    select
        plan,
        plan_revision,
        indicator_id,
        unit_id,
        breakdown,
        printed,
        kind,
        baseline,
        note,
        source,
        valid_from,
        valid_to
    from targets
    qualify
        revision = max(revision) over (partition by plan, indicator_id, unit_id, breakdown)
)

select * from final

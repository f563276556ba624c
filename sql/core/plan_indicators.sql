-- One row per plan, item and cell: which outcome tells how an item of the plan goes.
-- An item may be followed on several levels; a revision's rows for an item replace the earlier.
with

plans as (
    select
        plan_revision,
        plan,
        revision
    from core.plans
),

plan_items as (
    select
        plan,
        nr,
        kind,
        goal_area_code,
        decided_by,
        frequency,
        printed_name,
        has_target,
        valid_from,
        valid_to
    from core.plan_items
),

mapped as (
    select
        plans.plan,
        plans.plan_revision,
        plans.revision,
        cast(plan_indicators.nr as bigint) as nr,
        plan_indicators.indicator_id,
        plan_indicators.unit_id,
        coalesce(plan_indicators.breakdown, '') as breakdown
    from seed.plan_indicators
    inner join plans on plan_indicators.plan = plans.plan_revision
),

latest as (
    select
        *,
        row_number() over (
            partition by plan, nr
            order by indicator_id asc, unit_id asc, breakdown asc
        ) as place
    from mapped
    qualify revision = max(revision) over (partition by plan, nr)
),

final as (
    select
        latest.plan,
        latest.plan_revision,
        latest.nr,
        latest.indicator_id,
        latest.unit_id,
        latest.breakdown,
        plan_items.kind,
        plan_items.goal_area_code,
        plan_items.decided_by,
        plan_items.frequency,
        plan_items.printed_name,
        plan_items.has_target,
        plan_items.valid_from,
        plan_items.valid_to,
        latest.nr * 100 + latest.place as sort_order
    from latest
    inner join plan_items
        on
            latest.plan = plan_items.plan
            and latest.nr = plan_items.nr
)

select
    plan,
    plan_revision,
    nr,
    indicator_id,
    unit_id,
    breakdown,
    kind,
    goal_area_code,
    decided_by,
    frequency,
    printed_name,
    has_target,
    row_number() over (
        partition by plan, indicator_id, unit_id, breakdown
        order by has_target desc, nr asc
    ) = 1 as is_first,
    -- Months, as the periods have them: the first day of the first and of the last.
    cast(date_trunc('month', valid_from) as date) as valid_from,
    cast(date_trunc('month', valid_to) as date) as valid_to,
    cast(sort_order as bigint) as sort_order
from final

-- One row per plan and item: what the plan prints, in the words of its latest decided revision.
-- Goals, indicators, priorities and areas of follow-up; which indicator measures an item is said in
-- `core.plan_indicators`.
with

plans as (
    select
        plan_revision,
        plan,
        revision,
        valid_from,
        valid_to
    from core.plans
),

items as (
    select
        plans.plan,
        plans.plan_revision,
        plans.revision,
        plans.valid_from,
        plans.valid_to,
        cast(plan_items.nr as bigint) as nr,
        plan_items.kind,
        nullif(plan_items.goal_area_code, '') as goal_area_code,
        plan_items.decided_by,
        plan_items.decided_by_basis,
        plan_items.frequency,
        plan_items.printed_name,
        nullif(plan_items.description, '') as description,
        plan_items.printed_level,
        plan_items.printed_level_basis,
        plan_items.source
    from seed.plan_items
    inner join plans on plan_items.plan = plans.plan_revision
),

final as (
    select
        *,
        kind in ('goal', 'financial_goal', 'short_indicator') as has_target
    from items
    qualify revision = max(revision) over (partition by plan, nr)
)

select * from final

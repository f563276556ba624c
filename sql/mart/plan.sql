-- One row per plan, item and cell: what the plans print, and how it is followed.
-- The years of one indicator lie under each other when ordered by it: name, target, level, who
-- decided, how often. An item without an indicator (a priority, an area of follow-up) has one row.
with

items as (
    select
        plan_items.*,
        goal_areas.goal_area_name
    from core.plan_items
    left join core.goal_areas on plan_items.goal_area_code = goal_areas.goal_area_code
),

indicators as (
    select
        plan,
        nr,
        indicator_id,
        unit_id,
        breakdown,
        has_target
    from core.plan_indicators
),

decisions as (
    select
        plan_revision,
        plan,
        decided_on
    from core.plans
),

targets as (
    select
        decisions.plan,
        read_targets.id,
        read_targets.unit_id,
        read_targets.breakdown,
        read_targets.printed,
        read_targets.read_as
    from indicator.targets as read_targets
    inner join decisions on read_targets.plan = decisions.plan_revision
),

final as (
    select
        items.plan,
        items.plan_revision,
        items.nr,
        items.kind,
        items.goal_area_name,
        items.printed_name,
        items.description,
        items.decided_by,
        items.frequency,
        coalesce(indicators.indicator_id, '') as indicator_id,
        coalesce(indicators.unit_id, '') as unit_id,
        coalesce(indicators.breakdown, '') as breakdown,
        targets.printed as printed_target,
        targets.read_as,
        decisions.decided_on,
        items.source
    from items
    inner join decisions on items.plan_revision = decisions.plan_revision
    left join indicators on items.plan = indicators.plan and items.nr = indicators.nr
    left join targets
        on
            indicators.has_target
            and indicators.plan = targets.plan
            and indicators.indicator_id = targets.id
            and indicators.unit_id = targets.unit_id
            and indicators.breakdown = targets.breakdown
)

select * from final
order by plan asc nulls last, nr asc nulls last, unit_id asc nulls last, breakdown asc nulls last

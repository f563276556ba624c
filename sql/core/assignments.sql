-- One row per assignment and tertial of its plan.
-- An assignment nobody has reported on has status 3, data missing. Tertials in which no assignment
-- at all was reported are left out.
with

plans as (
    select
        plan_revision,
        plan,
        revision
    from core.plans
),

assignments as (
    select
        assignments.* replace (plans.plan as plan),
        plans.plan_revision
    from seed.assignments
    inner join plans on assignments.plan = plans.plan_revision
    qualify plans.revision = max(plans.revision) over (partition by assignments.assignment_id)
),

goal_areas as (
    select
        goal_area_code,
        sort_order
    from core.goal_areas
),

periods as (
    select
        period_id,
        kind,
        first_month,
        last_month
    from core.periods
),

statuses as (
    select * from staging.planning__assignments
),

reported_periods as (
    select distinct period
    from statuses
),

expected as (
    select
        assignments.assignment_id,
        assignments.goal_area_code,
        assignments.assignment_text,
        assignments.responsible_printed,
        assignments.decided_by,
        assignments.plan,
        assignments.plan_revision,
        nullif(assignments.continues, '') as continues_assignment_id,
        periods.period_id as period,
        cast(assignments.sort_order as bigint) as sort_order
    from assignments
    inner join periods as first_periods on assignments.valid_from_period = first_periods.period_id
    inner join periods as last_periods on assignments.valid_to_period = last_periods.period_id
    inner join periods
        on
            first_periods.first_month <= periods.first_month
            and last_periods.last_month >= periods.last_month
    inner join reported_periods on periods.period_id = reported_periods.period
    where periods.kind = 'tertial'
),

final as (
    select
        expected.assignment_id,
        expected.period,
        expected.goal_area_code,
        expected.assignment_text,
        nullif(expected.responsible_printed, '') as responsible_printed,
        expected.decided_by,
        expected.plan,
        expected.plan_revision,
        expected.continues_assignment_id,
        cast(coalesce(statuses.status, 3) as bigint) as status,
        statuses.comment,
        statuses.responsible_role,
        statuses.reported_date,
        goal_areas.sort_order * 10000 + expected.sort_order as sort_order,
        statuses._delivery,
        statuses._row
    from expected
    left join goal_areas on expected.goal_area_code = goal_areas.goal_area_code
    left join statuses
        on
            expected.assignment_id = statuses.assignment_id
            and expected.period = statuses.period
)

select * from final

-- One row per tertial and assignment.
-- The status and comment the responsible role reported; nothing is judged here.
with

assignments as (
    select * from core.assignments
),

goal_areas as (
    select
        goal_area_code,
        goal_area_name
    from core.goal_areas
),

statuses as (
    select
        cast(status as bigint) as status,
        status_word
    from seed.statuses
),

final as (
    select
        assignments.period as report_period,
        cast(assignments.sort_order as bigint) as sort_order,
        'body' as row_kind,
        assignments.assignment_id,
        goal_areas.goal_area_name,
        assignments.assignment_text,
        assignments.status,
        statuses.status_word,
        assignments.comment,
        assignments.responsible_role
    from assignments
    inner join goal_areas on assignments.goal_area_code = goal_areas.goal_area_code
    left join statuses on assignments.status = statuses.status
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

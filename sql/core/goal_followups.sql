-- One row per plan, goal and tertial.
-- The state of the activities that serve the goal stands beside what was reported on it.
with

goals as (
    select * from staging.planning__goals
),

activities as (
    select
        plan,
        goal_number,
        period,
        count(*) as activity_count,
        count(*) filter (where state = 'done') as done_count
    from staging.planning__activities
    where goal_number is not null and state <> 'cancelled'
    group by plan, goal_number, period
),

final as (
    select
        goals.plan,
        goals.goal_number,
        goals.period,
        goals.status,
        goals.outcome_text,
        goals.comment,
        goals.responsible_role,
        goals.reported_date,
        coalesce(activities.activity_count, 0) as activity_count,
        coalesce(activities.done_count, 0) as done_count,
        goals._delivery,
        goals._row
    from goals
    left join activities
        on
            goals.plan = activities.plan
            and goals.goal_number = activities.goal_number
            and goals.period = activities.period
)

select * from final

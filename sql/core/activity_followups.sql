-- One row per plan, activity and tertial.
-- Late is what should have ended before the tertial did and is neither done nor cancelled.
with

activities as (
    select * from staging.planning__activities
),

periods as (
    select
        period_id,
        last_month
    from core.periods
    where kind = 'tertial'
),

final as (
    select
        activities.plan,
        activities.activity_number,
        activities.period,
        activities.goal_number,
        activities.activity_text,
        activities.start_date,
        activities.end_date,
        activities.state,
        activities.state in ('not_started', 'ongoing')
        and coalesce(activities.end_date < periods.last_month + interval 1 month, false)
            as is_late,
        activities.comment,
        activities.reported_date,
        activities._delivery,
        activities._row
    from activities
    left join periods on activities.period = periods.period_id
)

select * from final

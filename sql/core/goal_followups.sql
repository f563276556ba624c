-- One row per plan, goal and tertial.
-- The state of the activities that serve the goal stands beside what was reported on it. An outcome
-- written as a number is read: `38 %` and `4,4` as the value, `2 av 3 aktiviteter` as two of three;
-- other words have no number.
with

goals as (
    select
        *,
        regexp_extract(outcome_text, '^\s*([-−]?[0-9][0-9 ]*([.,][0-9]+)?)\s*([^\s0-9]\S*)?\s*$', 1)
            as number_text,
        regexp_extract(outcome_text, '^\s*([0-9]+)\s+av\s+([0-9]+)(\s|$)', ['part', 'whole', 'end'])
            as shares
    from staging.planning__goals
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
        cast(
            nullif(
                case
                    when struct_extract(goals.shares, 'part') <> ''
                        then struct_extract(goals.shares, 'part')
                    else
                        replace(
                            replace(replace(goals.number_text, '−', '-'), ',', '.'), ' ', ''
                        )
                end,
                ''
            ) as decimal(18, 4)
        ) as stated_numerator,
        cast(nullif(struct_extract(goals.shares, 'whole'), '') as decimal(18, 4))
            as stated_denominator,
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

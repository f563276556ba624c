-- One row per plan and indicator of the plan.
-- Which indicators a report must show, for which unit, under which goal.
with

plan_indicators as (
    select * from seed.plan_indicators
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
        plan_indicators.plan,
        cast(plan_indicators.nr as bigint) as nr,
        plan_indicators.indicator_id,
        plan_indicators.unit_id,
        coalesce(plan_indicators.breakdown, '') as breakdown,
        plan_indicators.goal_area_code,
        plan_indicators.printed_name,
        first_periods.first_month as valid_from,
        last_periods.last_month as valid_to,
        cast(plan_indicators.sort_order as bigint) as sort_order
    from plan_indicators
    inner join periods as first_periods
        on plan_indicators.valid_from_period = first_periods.period_id
    inner join periods as last_periods
        on plan_indicators.valid_to_period = last_periods.period_id
)

select * from final

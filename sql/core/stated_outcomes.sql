-- One row per indicator, unit, period, sex and breakdown that a role has stated an outcome of.
-- What the form gives goes before what the planning system gives. The planning system's outcome of
-- a goal is that of the figure which the plan follows the goal with; of several levels it is that
-- of the one which holds all the others, and where none does nobody can say whose it is. These
-- stand in where a figure would be computed and there are no rows to compute it from.
with

reported as (
    select
        indicator_id,
        unit_id,
        '' as breakdown,
        period,
        sex,
        numerator,
        denominator,
        reported_by_role,
        reported_date,
        _delivery,
        _row
    from core.reported_outcomes
),

-- A breakdown stands beside the figure itself, which is what the goal is about.
figures as (
    select
        plan,
        nr,
        indicator_id,
        unit_id,
        breakdown
    from core.plan_indicators
    qualify
        breakdown = ''
        or not bool_or(breakdown = '') over (partition by plan, nr, indicator_id, unit_id)
),

plan_indicators as (
    select wholes.*
    from figures as wholes
    inner join figures as parts
        on
            wholes.plan = parts.plan
            and wholes.nr = parts.nr
    left join core.unit_ancestors
        on
            parts.unit_id = unit_ancestors.unit_id
            and wholes.unit_id = unit_ancestors.ancestor_unit_id
    group by all
    having
        count(*) = count(unit_ancestors.ancestor_unit_id)
        and count(distinct parts.indicator_id) = 1
),

goals as (
    select
        plan_indicators.indicator_id,
        plan_indicators.unit_id,
        plan_indicators.breakdown,
        goal_followups.period,
        'T' as sex,
        goal_followups.stated_numerator as numerator,
        goal_followups.stated_denominator as denominator,
        goal_followups.responsible_role as reported_by_role,
        goal_followups.reported_date,
        goal_followups._delivery,
        goal_followups._row
    from core.goal_followups
    inner join plan_indicators
        on
            goal_followups.plan = plan_indicators.plan
            and goal_followups.goal_number = plan_indicators.nr
    where goal_followups.stated_numerator is not null
    -- Two goals may be followed with one figure; the first in the plan states it.
    qualify
        row_number() over (
            partition by
                plan_indicators.indicator_id,
                plan_indicators.unit_id,
                plan_indicators.breakdown,
                goal_followups.period
            order by goal_followups.plan desc nulls last, goal_followups.goal_number asc nulls last
        ) = 1
),

stated as (
    select *, 1 as place
    from reported
    union all
    select *, 2 as place
    from goals
),

final as (
    select
        indicator_id,
        unit_id,
        breakdown,
        period,
        sex,
        cast(numerator as decimal(18, 4)) as numerator,
        cast(denominator as decimal(18, 4)) as denominator,
        case place when 1 then 'formuläret' else 'planeringssystemet' end as stated_in,
        reported_by_role,
        reported_date,
        _delivery,
        _row
    from stated
    qualify
        row_number() over (
            partition by indicator_id, unit_id, breakdown, period, sex
            order by place asc
        ) = 1
)

select * from final

-- severity: warn
-- Ett måls utfall och status i planeringssystemet är nyckeltalets
-- public: plan, goal_number, period, stated_outcome, stated_status, outcome, difference
with

followups as (
    select
        plan,
        goal_number,
        period,
        status,
        outcome_text,
        stated_numerator,
        stated_denominator
    from core.goal_followups
),

cells as (
    select
        plan,
        nr,
        indicator_id,
        unit_id,
        breakdown
    from core.plan_indicators
    -- A breakdown stands beside the figure itself, which is what the goal is about.
    qualify
        breakdown = ''
        or not bool_or(breakdown = '') over (partition by plan, nr, indicator_id, unit_id)
),

outcomes as (
    select
        id,
        unit_id,
        breakdown,
        period,
        numerator,
        denominator,
        value,
        unit,
        cast(decimals as integer) as decimals,
        cast(status as bigint) as status,
        status_word
    from indicator.outcomes
    where sex = 'T'
),

joined as (
    select
        followups.plan,
        followups.goal_number,
        followups.period,
        followups.status as stated_status,
        followups.outcome_text as stated_outcome,
        followups.stated_numerator,
        followups.stated_denominator,
        cells.indicator_id,
        cells.unit_id,
        outcomes.value,
        outcomes.status,
        outcomes.status_word,
        case
            when outcomes.value is null then '..'
            else
                replace(cast(round(outcomes.value, outcomes.decimals) as varchar), '.', ',')
                || ' ' || outcomes.unit
        end as printed,
        -- A share is compared as a share; a bare number as the value, rounded as it is printed.
        case
            when followups.stated_numerator is null or outcomes.value is null then null
            when followups.stated_denominator is not null and outcomes.denominator is not null
                then
                    cast(followups.stated_numerator as double)
                    / cast(nullif(followups.stated_denominator, 0) as double)
                    = cast(outcomes.numerator as double)
                    / cast(nullif(outcomes.denominator, 0) as double)
            else
                round(cast(followups.stated_numerator as double), outcomes.decimals)
                = round(outcomes.value, outcomes.decimals)
        end as same_outcome
    from followups
    inner join cells
        on
            followups.plan = cells.plan
            and followups.goal_number = cells.nr
    left join outcomes
        on
            cells.indicator_id = outcomes.id
            and cells.unit_id = outcomes.unit_id
            and cells.breakdown = outcomes.breakdown
            and followups.period = outcomes.period
),

-- A goal that is followed on several levels has one statement: it may be any of them.
goals as (
    select
        plan,
        goal_number,
        period,
        stated_status,
        stated_outcome,
        string_agg(
            indicator_id || ' ' || unit_id || ': ' || trim(printed)
            || coalesce(', ' || status_word, ''),
            '; '
            order by unit_id
        ) as outcome,
        bool_or(same_outcome) as same_outcome,
        bool_or(status = stated_status) filter (where status < 3 and stated_status < 3)
            as same_status,
        bool_or(value is not null) as has_outcome,
        bool_or(stated_status < 3) as has_statement
    from joined
    group by plan, goal_number, period, stated_status, stated_outcome
),

statuses as (
    select
        cast(status as bigint) as status,
        goal_word
    from seed.statuses
)

select
    goals.plan,
    goals.goal_number,
    goals.period,
    goals.stated_outcome,
    statuses.goal_word as stated_status,
    goals.outcome,
    concat_ws(
        ' och ',
        case when not goals.same_outcome then 'utfallet är ett annat' end,
        case when not goals.same_status then 'statusen är en annan' end,
        case
            when goals.has_statement and not goals.has_outcome
                then 'utfallet är lämnat men saknas'
        end
    ) as difference
from goals
left join statuses on goals.stated_status = statuses.status
where
    not goals.same_outcome
    or not goals.same_status
    or (goals.has_statement and not goals.has_outcome)

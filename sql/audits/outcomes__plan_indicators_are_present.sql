-- severity: warn
-- Varje nyckeltal i planen har ett utfall i de perioder där planen följs upp
-- public: period, plan, nr, indicator_id, unit_id, missing
with

outcomes as (
    select
        id,
        unit_id,
        period,
        breakdown,
        value,
        missing
    from indicator.outcomes
    where sex = 'T'
),

tertials as (
    select
        period_id,
        first_month,
        last_month
    from core.periods
    where kind = 'tertial'
),

followed_up as (
    select distinct period
    from core.assignments
),

expected as (
    select
        plan_indicators.plan,
        plan_indicators.nr,
        plan_indicators.indicator_id,
        plan_indicators.unit_id,
        plan_indicators.breakdown,
        tertials.period_id as period
    from core.plan_indicators
    inner join tertials
        on
            plan_indicators.valid_from <= tertials.first_month
            and plan_indicators.valid_to >= tertials.last_month
    inner join followed_up on tertials.period_id = followed_up.period
    -- What is followed once a year is asked for when the year is over.
    where plan_indicators.frequency = 'tertial' or tertials.period_id like '%T3'
)

select
    expected.period,
    expected.plan,
    expected.nr,
    expected.indicator_id,
    expected.unit_id,
    outcomes.missing
from expected
left join outcomes
    on
        expected.indicator_id = outcomes.id
        and expected.unit_id = outcomes.unit_id
        and expected.breakdown = outcomes.breakdown
        and expected.period = outcomes.period
where outcomes.value is null and coalesce(outcomes.missing, '') <> 'cannot_occur'

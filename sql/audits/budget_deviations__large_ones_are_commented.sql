-- severity: warn
-- Varje nämnds och områdes budgetavvikelse över gränsen har en kommentar, när något har en
-- public: id, name, unit_id, period, deviation_tkr, limit_tkr, source
with

limits as (
    select value as limit_tkr
    from core.method_settings
    where setting = 'explain_from_tkr' and valid_to is null
),

-- The levels at which a follow-up is written; departments are explained in their area's.
followed_units as (
    select unit_id
    from core.units
    where level in ('board', 'area')
),

commented_periods as (
    select distinct period
    from core.comments
)

select
    outcomes.id,
    outcomes.name,
    outcomes.unit_id,
    outcomes.period,
    outcomes.value as deviation_tkr,
    limits.limit_tkr,
    'indicator.outcomes' as source
from indicator.outcomes
cross join limits
inner join followed_units on outcomes.unit_id = followed_units.unit_id
inner join commented_periods on outcomes.period = commented_periods.period
left join core.comments as comments
    on
        outcomes.id = comments.indicator_id
        and outcomes.unit_id = comments.unit_id
        and outcomes.period = comments.period
where
    regexp_matches(outcomes.id, 'budget_deviation_tkr$')
    and coalesce(outcomes.breakdown, '') = ''
    and outcomes.sex = 'T'
    and abs(outcomes.value) >= limits.limit_tkr
    and comments.indicator_id is null

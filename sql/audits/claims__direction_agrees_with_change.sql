-- severity: warn
-- Ord om ökning, minskning, förbättring och försämring stämmer med hur värdet har ändrats
-- public: indicator_id, report_period, direction, clause, origin
with

claims as (
    select * from core.claims
    where direction is not null
),

indicators as (
    select
        indicator_id,
        direction as good_direction
    from meta.indicators
),

tertials as (
    select
        period_id,
        year,
        number,
        previous_period_id
    from core.periods
    where kind = 'tertial'
),

outcomes as (
    select
        id,
        unit_id,
        period,
        value
    from indicator.outcomes
    where
        sex = 'T'
        and breakdown = ''
        and value is not null
),

-- What a text may mean by a change: against the year before, against an earlier tertial of the
-- year, or the sign of a value that is itself a change.
changes as (
    select
        outcomes.id,
        outcomes.unit_id,
        outcomes.period,
        outcomes.value - earlier.value as change
    from outcomes
    inner join tertials on outcomes.period = tertials.period_id
    inner join outcomes as earlier
        on
            outcomes.id = earlier.id
            and outcomes.unit_id = earlier.unit_id
            and tertials.previous_period_id = earlier.period
    union all
    select
        outcomes.id,
        outcomes.unit_id,
        outcomes.period,
        outcomes.value - earlier.value as change
    from outcomes
    inner join tertials on outcomes.period = tertials.period_id
    inner join outcomes as earlier
        on
            outcomes.id = earlier.id
            and outcomes.unit_id = earlier.unit_id
    inner join tertials as earlier_tertials
        on
            earlier.period = earlier_tertials.period_id
            and tertials.year = earlier_tertials.year
            and tertials.number > earlier_tertials.number
    union all
    select
        id,
        unit_id,
        period,
        value as change
    from outcomes
    -- Their names say that they are changes: `…_growth_pct`, `…_change_pct`.
    where regexp_matches(id, '(growth|change)_[a-z0-9]+$')
),

held_against as (
    select
        claims.indicator_id,
        claims.report_period,
        claims.direction,
        claims.clause,
        claims.origin,
        case
            when claims.direction = 'up' then changes.change > 0
            when claims.direction = 'down' then changes.change < 0
            when claims.direction = 'better' and indicators.good_direction = 'higher'
                then changes.change > 0
            when claims.direction = 'better' then changes.change < 0
            when indicators.good_direction = 'higher' then changes.change < 0
            else changes.change > 0
        end as agrees
    from claims
    inner join indicators on claims.indicator_id = indicators.indicator_id
    inner join changes
        on
            claims.indicator_id = changes.id
            and claims.report_period = changes.period
            and (claims.kind <> 'indicator' or claims.unit_id = changes.unit_id)
)

select
    indicator_id,
    report_period,
    direction,
    clause,
    origin
from held_against
group by indicator_id, report_period, direction, clause, origin
having not bool_or(agrees)

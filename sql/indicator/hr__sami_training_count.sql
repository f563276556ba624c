-- One row per unit and period, and for the region one for elected representatives.
-- Persons who completed the training in Sami culture from January, each counted once.
with

participations as (
    select
        month,
        person_id,
        role,
        unit_id
    from core.training_participations
    where topic = 'samisk kulturförståelse'
),

-- Elected representatives have no unit and stand with the region.
participations_in_units as (
    select
        participations.month,
        participations.person_id,
        unit_ancestors.ancestor_unit_id as unit_id,
        '' as breakdown
    from participations
    inner join core.unit_ancestors on participations.unit_id = unit_ancestors.unit_id
    where unit_ancestors.ancestor_level in ('region', 'board', 'department')
    union all
    select month, person_id, 'RJH' as unit_id, '' as breakdown
    from participations
    where unit_id is null
    union all
    select month, person_id, 'RJH' as unit_id, 'Förtroendevalda' as breakdown
    from participations
    where role = 'förtroendevald'
),

coverage as (
    select max(month) as last_month
    from core.training_participations
),

period_months as (
    select
        period_months.period_id,
        period_months.month
    from core.period_months
    cross join coverage
    where
        period_months.span = 'period'
        and period_months.kind in ('tertial', 'year')
        and period_months.opens_month <= coverage.last_month
),

final as (
    select
        participations_in_units.unit_id,
        period_months.period_id as period,
        'T' as sex,
        participations_in_units.breakdown,
        cast(count(distinct participations_in_units.person_id) as bigint) as numerator,
        cast(null as bigint) as denominator,
        cast(count(distinct participations_in_units.person_id) as bigint) as person_count
    from participations_in_units
    inner join period_months on participations_in_units.month = period_months.month
    group by
        participations_in_units.unit_id,
        period_months.period_id,
        participations_in_units.breakdown
)

select * from final

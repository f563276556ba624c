-- One row per unit, period and breakdown, for the units that have measures and those above them.
-- The effect measured so far. An effect against last year and one against budget are measured in
-- different ways: each has its breakdown, and so has the effect that was expected for the year.
with

measures as (
    select
        period,
        unit_id,
        comparison,
        expected_effect_tkr,
        effect_tkr
    from core.savings_measures
),

unit_ancestors as (
    select
        unit_id,
        ancestor_unit_id
    from core.unit_ancestors
),

by_breakdown as (
    select period, unit_id, '' as breakdown, effect_tkr as amount_tkr
    from measures
    union all
    select period, unit_id, 'mot föregående år' as breakdown, effect_tkr as amount_tkr
    from measures
    where comparison = 'previous_year'
    union all
    select period, unit_id, 'mot budget' as breakdown, effect_tkr as amount_tkr
    from measures
    where comparison = 'budget'
    union all
    select
        period,
        unit_id,
        'bedömd effekt för helåret' as breakdown,
        expected_effect_tkr as amount_tkr
    from measures
    where expected_effect_tkr is not null
),

final as (
    select
        unit_ancestors.ancestor_unit_id as unit_id,
        by_breakdown.period,
        'T' as sex,
        by_breakdown.breakdown,
        cast(sum(by_breakdown.amount_tkr) as decimal(18, 3)) as numerator,
        cast(null as decimal(18, 3)) as denominator,
        cast(null as bigint) as person_count
    from by_breakdown
    inner join unit_ancestors on by_breakdown.unit_id = unit_ancestors.unit_id
    group by
        unit_ancestors.ancestor_unit_id,
        by_breakdown.period,
        by_breakdown.breakdown
)

select * from final

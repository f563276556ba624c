-- One row per tertial and concept of cost: own growth beside the nation's.
-- Growth is compared with growth, never an amount with an amount.
with

concepts as (
    select
        10 as sort_order,
        'body' as row_kind,
        'Läkemedel inom förmånen' as concept_name,
        'Förmån' as breakdown,
        'Riket förmån' as nation_breakdown
    union all
    select
        20 as sort_order,
        'subtotal' as row_kind,
        'Alla recept' as concept_name,
        'Recept' as breakdown,
        'Riket recept' as nation_breakdown
    union all
    select
        30 as sort_order,
        'body' as row_kind,
        'Rekvisition' as concept_name,
        'Rekvisition' as breakdown,
        'Riket rekvisition' as nation_breakdown
    union all
    select
        40 as sort_order,
        'sum' as row_kind,
        'Alla läkemedel' as concept_name,
        '' as breakdown,
        'Riket' as nation_breakdown
),

outcomes as (
    select
        period,
        breakdown,
        numerator,
        denominator,
        value
    from indicator.outcomes
    where id = 'drugs__cost_growth_pct' and sex = 'T' and value is not null
),

tertials as (
    select period_id
    from core.periods
    where kind = 'tertial'
),

final as (
    select
        tertials.period_id as report_period,
        cast(concepts.sort_order as bigint) as sort_order,
        concepts.row_kind,
        concepts.concept_name,
        -- The growth's numerator and denominator are the change and the year before.
        cast(round((outcomes.numerator + outcomes.denominator) / 1000) as bigint) as cost_ksek,
        cast(outcomes.value as decimal(18, 6)) as region_pct,
        cast(nation.value as decimal(18, 6)) as nation_pct,
        cast(outcomes.value - nation.value as decimal(18, 6)) as difference_points
    from concepts
    inner join outcomes on concepts.breakdown = outcomes.breakdown
    inner join tertials on outcomes.period = tertials.period_id
    left join outcomes as nation
        on
            concepts.nation_breakdown = nation.breakdown
            and outcomes.period = nation.period
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

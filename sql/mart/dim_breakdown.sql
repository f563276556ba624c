-- One row per breakdown that an outcome has, and one for the whole figure, whose key is empty.
-- A breakdown is a text that its indicator chose; what kind of group it names is known where the
-- text stands in a register. Breakdowns are no parts of a whole unless the indicator says so.
with

outcomes as (
    select
        breakdown,
        count(distinct indicator_id) as indicator_count
    from indicator.outcomes
    group by breakdown
),

age_bands as (
    select
        age_group,
        band_name,
        cast(sort_order as bigint) as sort_order
    from seed.age_bands
),

municipalities as (
    select
        municipality_name,
        cast(sort_order as bigint) as sort_order
    from seed.municipalities
),

named as (
    select
        '' as breakdown,
        'whole' as breakdown_kind,
        10 as kind_sort,
        0 as sort_order
    union all
    select age_group, 'age', 20, cast(sort_order as bigint)
    from seed.age_groups
    union all
    select 'Ålder ' || band_name, 'age', 20, sort_order
    from age_bands
    union all
    select municipality_name, 'municipality', 30, sort_order
    from municipalities
    union all
    select 'Kommun ' || municipality_name, 'municipality', 30, sort_order
    from municipalities
    union all
    select
        municipalities.municipality_name || ', ' || age_bands.age_group,
        'municipality_and_age',
        40,
        municipalities.sort_order
    from municipalities
    cross join age_bands
    union all
    select occupation_group, 'occupation', 50, 0
    from core.occupation_groups
    union all
    select account_group_name, 'account_group', 60, sort_order
    from core.account_groups
    union all
    select means_name, 'means', 70, 0
    from core.emission_factors
    union all
    select kitchen, 'kitchen', 80, 0
    from core.food_purchases
),

-- A text that two registers hold is what the first of them says.
kinds as (
    select
        breakdown,
        min(breakdown_kind) as breakdown_kind,
        min(kind_sort) as kind_sort,
        min(sort_order) as sort_order
    from named
    group by breakdown, kind_sort
    qualify row_number() over (partition by breakdown order by kind_sort asc) = 1
),

final as (
    select
        outcomes.breakdown,
        case outcomes.breakdown
            when '' then 'Hela nyckeltalet'
            else outcomes.breakdown
        end as breakdown_name,
        coalesce(kinds.breakdown_kind, 'other') as breakdown_kind,
        outcomes.breakdown = '' as is_whole,
        outcomes.indicator_count,
        row_number() over (
            order by kinds.kind_sort asc nulls last, kinds.sort_order asc, outcomes.breakdown asc
        ) as breakdown_sort
    from outcomes
    left join kinds on outcomes.breakdown = kinds.breakdown
)

select * from final
order by breakdown asc nulls last

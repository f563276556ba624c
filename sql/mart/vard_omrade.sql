-- One row per tertial and area, and one for the county.
-- What is not shown for every area is shown for none; the order is the municipalities' own.
with

outcomes as (
    select
        id,
        period,
        breakdown,
        value
    from indicator.outcomes
    where
        id in (
            'care__assessment_within_3_days_pct',
            'health__targeted_talks_pct',
            'drugs__antibiotics_per_1000'
        )
        and sex = 'T'
),

areas as (
    select distinct
        area_name,
        sort_order
    from core.health_centres
    where area_name is not null
    union all
    select
        '' as area_name,
        9000 as sort_order
),

listed as (
    select
        month,
        area_name,
        sum(person_count) as person_count
    from core.listed_persons
    where area_name is not null
    group by month, area_name
    union all
    select
        month,
        '' as area_name,
        sum(person_count) as person_count
    from core.listed_persons
    group by month
),

tertials as (
    select
        period_id,
        last_month
    from core.periods
    where kind = 'tertial'
),

joined as (
    select
        tertials.period_id,
        areas.area_name,
        areas.sort_order,
        max(listed.person_count) as listed_count,
        max(outcomes.value) filter (
            where
            outcomes.id = 'care__assessment_within_3_days_pct'
            and outcomes.breakdown = areas.area_name
        ) as within_3_days_pct,
        max(outcomes.value) filter (
            where
            outcomes.id = 'health__targeted_talks_pct'
            and outcomes.breakdown = areas.area_name
        ) as talks_pct,
        max(outcomes.value) filter (
            where
            outcomes.id = 'drugs__antibiotics_per_1000'
            and outcomes.breakdown
            = case areas.area_name when '' then '' else 'Kommun ' || areas.area_name end
        ) as antibiotics_per_1000
    from tertials
    cross join areas
    left join listed
        on
            tertials.last_month = listed.month
            and areas.area_name = listed.area_name
    left join outcomes on tertials.period_id = outcomes.period
    group by tertials.period_id, areas.area_name, areas.sort_order
),

final as (
    select
        period_id as report_period,
        cast(sort_order as bigint) as sort_order,
        case area_name when '' then 'sum' else 'body' end as row_kind,
        case area_name when '' then 'Hela länet' else area_name end as area_name,
        cast(listed_count as bigint) as listed_count,
        cast(within_3_days_pct as decimal(18, 6)) as within_3_days_pct,
        cast(talks_pct as decimal(18, 6)) as talks_pct,
        cast(antibiotics_per_1000 as decimal(18, 6)) as antibiotics_per_1000
    from joined
    where
        listed_count is not null
        or within_3_days_pct is not null
        or talks_pct is not null
        or antibiotics_per_1000 is not null
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

-- One row per year, kind of group and group.
-- Age bands are the county's own rows where it has any, else the sum of its municipalities: noise
-- that the source adds makes the two differ.
with

inhabitants as (
    select
        region_code,
        region_kind,
        age_group,
        year,
        inhabitant_count
    from core.inhabitants
),

bands as (
    select
        age_group,
        band_name,
        cast(sort_order as bigint) as sort_order
    from seed.age_bands
),

municipalities as (
    select
        municipality_code,
        municipality_name,
        cast(sort_order as bigint) as sort_order
    from seed.municipalities
),

ages_summed as (
    select
        inhabitants.year,
        bands.band_name,
        bands.sort_order,
        sum(
            case when inhabitants.region_kind = 'county' then inhabitants.inhabitant_count end
        ) as county_count,
        sum(
            case
                when inhabitants.region_kind = 'municipality' then inhabitants.inhabitant_count
            end
        ) as municipality_count
    from inhabitants
    inner join bands on inhabitants.age_group = bands.age_group
    group by inhabitants.year, bands.band_name, bands.sort_order
),

municipalities_summed as (
    select
        inhabitants.year,
        municipalities.municipality_name,
        municipalities.sort_order,
        sum(inhabitants.inhabitant_count) as inhabitant_count
    from inhabitants
    inner join municipalities on inhabitants.region_code = municipalities.municipality_code
    group by inhabitants.year, municipalities.municipality_name, municipalities.sort_order
),

final as (
    select
        year,
        'age' as group_kind,
        band_name as group_name,
        sort_order,
        cast(coalesce(county_count, municipality_count) as bigint) as inhabitant_count
    from ages_summed
    union all
    select
        year,
        'municipality' as group_kind,
        municipality_name as group_name,
        sort_order,
        cast(inhabitant_count as bigint) as inhabitant_count
    from municipalities_summed
)

select * from final

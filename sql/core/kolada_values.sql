-- One row per Kolada indicator, region, year and sex.
-- Published figures under their own definitions, never mixed with our own series.
with

published as (
    select * from staging.kolada__values
),

regions as (
    select
        kolada_id,
        region_name,
        kind,
        cast(is_own_region as boolean) as is_own_region
    from seed.regions
),

final as (
    select
        published.kpi_id,
        published.municipality_id,
        regions.region_name,
        regions.kind as region_kind,
        coalesce(regions.is_own_region, false) as is_own_region,
        published.year,
        published.sex,
        published.value,
        published.value_count,
        published.status,
        published._delivery,
        published._row
    from published
    left join regions on published.municipality_id = regions.kolada_id
)

select * from final

-- One row per year and sex: inhabitants of the county on 31 December.
-- The county's own row where one was delivered, else the sum of its municipalities.
with

inhabitants as (
    select
        region_kind,
        sex,
        year,
        inhabitant_count
    from core.inhabitants
),

kinds_summed as (
    select
        year,
        sex,
        sum(inhabitant_count) filter (where region_kind = 'county') as county_count,
        sum(inhabitant_count) filter (where region_kind = 'municipality') as municipality_count
    from inhabitants
    group by all
),

final as (
    select
        year,
        sex,
        cast(coalesce(county_count, municipality_count) as bigint) as inhabitant_count,
        cast(county_count as bigint) as county_count,
        cast(municipality_count as bigint) as municipality_count
    from kinds_summed
)

select * from final

-- One row per area, sex, age group and year.
-- The share with its limits and its number of answers side by side.
with

shares as (
    select * from staging.health_survey__shares
),

own_counties as (
    select distinct county_code
    from seed.municipalities
),

pivoted as (
    select
        region_code,
        sex,
        age_group,
        year,
        max(value) filter (where measure = 'share_pct') as share_pct,
        max(value) filter (where measure = 'low_pct') as low_pct,
        max(value) filter (where measure = 'high_pct') as high_pct,
        cast(max(value) filter (where measure = 'answered') as bigint) as answered_count
    from shares
    group by region_code, sex, age_group, year
),

final as (
    select
        pivoted.region_code,
        pivoted.sex,
        pivoted.age_group,
        pivoted.year,
        case
            when pivoted.region_code = '00' then 'nation'
            when own_counties.county_code is not null then 'own'
            else 'other'
        end as region_kind,
        pivoted.share_pct,
        pivoted.low_pct,
        pivoted.high_pct,
        pivoted.answered_count
    from pivoted
    left join own_counties on pivoted.region_code = own_counties.county_code
)

select * from final

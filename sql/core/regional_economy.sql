-- One row per area and year.
-- Contents side by side; a missing one leaves its column empty.
with

delivered as (
    select * from staging.regional_economy__values
),

own_counties as (
    select distinct county_code
    from seed.municipalities
),

pivoted as (
    select
        region_code,
        year,
        max(value) filter (where measure = 'tax_base_sek') as tax_base_sek,
        max(value) filter (where measure = 'tax_inhabitants') as tax_inhabitants,
        max(value) filter (where measure = 'grp_msek') as grp_msek,
        max(value) filter (where measure = 'grp_mean_inhabitants') as grp_mean_inhabitants,
        coalesce(bool_or(status = 'p'), false) as is_preliminary
    from delivered
    group by region_code, year
),

final as (
    select
        pivoted.region_code,
        pivoted.year,
        case
            when pivoted.region_code = '00' then 'nation'
            when own_counties.county_code is not null then 'own'
            else 'other'
        end as region_kind,
        pivoted.tax_base_sek,
        pivoted.tax_inhabitants,
        pivoted.grp_msek,
        pivoted.grp_mean_inhabitants,
        pivoted.is_preliminary
    from pivoted
    left join own_counties on pivoted.region_code = own_counties.county_code
)

select * from final

-- One row per month, level of care, place of care, home county and sex.
-- Residents are those whose county is the one the region's municipalities lie in.
with

visits as (
    select * from staging.doctor_visits__visits
),

own_counties as (
    select distinct county_code
    from seed.municipalities
),

final as (
    select
        visits.month,
        visits.care_level,
        visits.care_place,
        visits.home_county_code,
        visits.sex,
        own_counties.county_code is not null as is_resident,
        visits.visit_count,
        visits._delivery,
        visits._row
    from visits
    left join own_counties on visits.home_county_code = own_counties.county_code
)

select * from final

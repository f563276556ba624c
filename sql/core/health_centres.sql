-- One row per health centre and time of validity.
-- A centre that moves to another area, or changes its id, has one row for each time.
with

centres as (
    select * from seed.health_centres
),

municipalities as (
    select
        municipality_code,
        municipality_name,
        cast(sort_order as bigint) as sort_order
    from seed.municipalities
),

final as (
    select
        centres.centre_code,
        cast(centres.valid_from as date) as valid_from,
        cast(nullif(centres.valid_to, '') as date) as valid_to,
        centres.centre_name,
        centres.clinic_id,
        municipalities.municipality_name as area_name,
        centres.municipality_code,
        municipalities.sort_order
    from centres
    left join municipalities on centres.municipality_code = municipalities.municipality_code
)

select * from final

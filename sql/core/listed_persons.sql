-- One row per month, health centre and sex.
-- The area is the one the centre lies in that month.
with

listed as (
    select month, centre_code, operator, 'K' as sex, women_count as person_count
    from staging.listing__listed_persons
    union all
    select month, centre_code, operator, 'M' as sex, men_count as person_count
    from staging.listing__listed_persons
),

centres as (
    select
        centre_code,
        area_name,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from core.health_centres
),

final as (
    select
        listed.month,
        listed.centre_code,
        listed.sex,
        centres.area_name,
        listed.operator,
        listed.person_count
    from listed
    left join centres
        on
            listed.centre_code = centres.centre_code
            and listed.month between centres.valid_from and centres.valid_to
)

select * from final

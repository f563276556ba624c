-- One row per year, health centre and sex.
-- The whole year's target group is the denominator already in January.
-- The area is the one the centre lay in when the year began, so that talks and target group agree.
with

target_groups as (
    select * from staging.health_talks__target_groups
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
        target_groups.year,
        target_groups.centre_code,
        centres.area_name,
        target_groups.sex,
        cast(target_groups.person_count as bigint) as person_count,
        target_groups._delivery,
        target_groups._row
    from target_groups
    left join centres
        on
            target_groups.centre_code = centres.centre_code
            and make_date(target_groups.year, 1, 1) between centres.valid_from and centres.valid_to
)

select * from final

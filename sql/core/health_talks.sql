-- One row per month, health centre and sex.
-- Talks held with persons of the target group.
-- The area is the one the centre lay in when the year began, so that talks and target group agree.
with

talks as (
    select * from staging.health_talks__talks
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
        talks.month,
        talks.centre_code,
        talks.centre_name,
        centres.area_name,
        talks.sex,
        cast(talks.talk_count as bigint) as talk_count,
        talks._delivery,
        talks._row
    from talks
    left join centres
        on
            talks.centre_code = centres.centre_code
            and make_date(extract(year from talks.month), 1, 1)
            between centres.valid_from and centres.valid_to
)

select * from final

-- One row per month, topic and sex.
-- Cases are counted in the month they came in.
with

cases as (
    select
        month,
        topic,
        coalesce(sex, 'U') as sex
    from staging.patient_board__cases
),

final as (
    select
        month,
        topic,
        sex,
        count(*) as case_count
    from cases
    group by month, topic, sex
)

select * from final

-- One row per month, clinic and sex.
-- A contact counts when the care guarantee holds for it and its deviation code does not take it
-- away; it is in time when the assessment comes at most three days after the decision.
with

assessments as (
    select
        month,
        clinic_id,
        wait_days,
        is_guaranteed,
        deviation_code,
        reported_wait_days,
        coalesce(sex, 'U') as sex
    from staging.waiting_times__assessments
),

deviations as (
    select
        deviation_code,
        cast(is_counted as boolean) as is_counted
    from seed.waiting_deviations
),

centres as (
    select
        clinic_id,
        centre_code,
        area_name,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from core.health_centres
),

judged as (
    select
        assessments.*,
        assessments.is_guaranteed and coalesce(deviations.is_counted, true) as is_counted,
        coalesce(assessments.wait_days >= 0, false) as is_dated
    from assessments
    left join deviations on assessments.deviation_code = deviations.deviation_code
),

counted as (
    select
        month,
        clinic_id,
        sex,
        count(*) as contact_count,
        count(*) filter (where is_counted and is_dated) as assessed_count,
        count(*) filter (where is_counted and is_dated and wait_days <= 3) as within_count,
        count(*) filter (where is_guaranteed and not is_counted) as not_counted_count,
        count(*) filter (where is_counted and not is_dated) as undated_count,
        count(*) filter (
            where is_counted and is_dated and wait_days <> reported_wait_days
        ) as day_mismatch_count
    from judged
    group by month, clinic_id, sex
),

final as (
    select
        counted.month,
        counted.clinic_id,
        counted.sex,
        centres.centre_code,
        centres.area_name,
        counted.contact_count,
        counted.assessed_count,
        counted.within_count,
        counted.not_counted_count,
        counted.undated_count,
        counted.day_mismatch_count
    from counted
    left join centres
        on
            counted.clinic_id = centres.clinic_id
            and counted.month between centres.valid_from and centres.valid_to
)

select * from final

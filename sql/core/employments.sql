-- One row per employment and month.
-- An unknown form of employment counts as monthly paid and is listed by an audit.
with

employments as (
    select * from staging.hr__employments
),

forms as (
    select
        employment_form,
        cast(is_monthly_paid as boolean) as is_monthly_paid
    from seed.employment_forms
),

final as (
    select
        employments.month,
        employments.employment_id,
        employments.person_id,
        employments.unit_id,
        employments.occupation_code,
        employments.is_manager,
        employments.has_appointment,
        employments.employment_form,
        coalesce(forms.is_monthly_paid, true) as is_monthly_paid,
        employments.employment_rate_pct,
        employments.placement_share,
        employments.sex,
        employments.birth_year,
        employments._delivery,
        employments._row
    from employments
    left join forms on employments.employment_form = forms.employment_form
)

select * from final

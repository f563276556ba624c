-- One row per employment and month.
-- An unknown form of employment counts as monthly paid and an unknown label of work has no group;
-- both are listed by audits.
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

occupation_groups as (
    select
        first_label,
        last_label,
        occupation_group,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from core.occupation_groups
),

labels as (
    select distinct
        occupation_label,
        month
    from employments
),

grouped_labels as (
    select
        labels.occupation_label,
        labels.month,
        min(occupation_groups.occupation_group) as occupation_group
    from labels
    inner join occupation_groups
        on
            labels.occupation_label between occupation_groups.first_label
            and occupation_groups.last_label
            and labels.month between occupation_groups.valid_from and occupation_groups.valid_to
    group by labels.occupation_label, labels.month
),

final as (
    select
        employments.month,
        employments.employment_id,
        employments.person_id,
        employments.unit_id,
        employments.occupation_code,
        grouped_labels.occupation_group,
        employments.responsibility_letter,
        employments.is_manager,
        employments.has_appointment,
        employments.employment_form,
        coalesce(forms.is_monthly_paid, true) as is_monthly_paid,
        employments.employment_rate_pct,
        employments.placement_share,
        employments.workplace_municipality_code,
        employments.sex,
        employments.birth_year,
        employments._delivery,
        employments._row
    from employments
    left join forms on employments.employment_form = forms.employment_form
    left join grouped_labels
        on
            employments.occupation_label = grouped_labels.occupation_label
            and employments.month = grouped_labels.month
)

select * from final

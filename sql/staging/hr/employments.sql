-- One row per employment and month.
-- The person is already a pseudonym here. The label of work and the letter of responsibility after
-- it are two facts.
select
    month,
    employment_id,
    person_id,
    nullif(unit_code, '') as unit_id,
    occupation_code,
    left(occupation_code, 6) as occupation_label,
    nullif(substr(occupation_code, 7), '') as responsibility_letter,
    coalesce(is_manager, false) as is_manager,
    coalesce(has_appointment, false) as has_appointment,
    lower(employment_form) as employment_form,
    employment_rate_pct,
    placement_share,
    workplace_municipality_code,
    sex,
    birth_year,
    _delivery,
    _row
from raw.hr__employments

-- One row per employment and month.
-- The person is already a pseudonym here.
select
    month,
    employment_id,
    person_id,
    nullif(unit_code, '') as unit_id,
    occupation_code,
    coalesce(is_manager, false) as is_manager,
    coalesce(has_appointment, false) as has_appointment,
    lower(employment_form) as employment_form,
    employment_rate_pct,
    placement_share,
    sex,
    birth_year,
    _delivery,
    _row
from raw.hr__employments

-- One row per person, course and day.
-- The person is already a pseudonym here, the same as in the payroll's files.
select
    person_id,
    course_code,
    completed_date,
    role,
    nullif(unit_code, '') as unit_id,
    _delivery,
    _row
from raw.training__participations

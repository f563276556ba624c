-- One row per school year, municipality, grade and sex.
-- A school year belongs to the year it ends in.
select
    year,
    municipality_code,
    grade,
    sex,
    answered_count,
    good_count,
    _delivery,
    _row
from staging.pupil_health__answers

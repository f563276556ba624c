-- One row per school year, municipality, grade and sex.
-- Pupils who answered, and those who rate their health as good.
select
    year,
    school_year,
    municipality_code,
    grade,
    sex,
    answered_count,
    good_count,
    _delivery,
    _row
from raw.pupil_health__answers

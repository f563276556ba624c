-- One row per month, level of care, place of care, home county and sex.
-- Visits as counted in the care administration system.
select
    month,
    care_level,
    care_place,
    home_county_code,
    sex,
    visit_count,
    _delivery,
    _row
from raw.doctor_visits__visits

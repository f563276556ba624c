-- One row per survey, unit and group of respondents.
-- How many were asked and how many answered.
select
    month,
    unit_code as unit_id,
    respondent_group,
    sent_count,
    response_count,
    _delivery,
    _row
from raw.staff_survey__response

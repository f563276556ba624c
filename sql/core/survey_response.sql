-- One row per survey, unit and group of respondents.
-- How many were asked and how many answered.
select
    month,
    unit_id,
    respondent_group,
    sent_count,
    response_count,
    _delivery,
    _row
from staging.staff_survey__response

-- One row per month of measurement and means of travel.
-- Questionnaires sent, answered, and answered with satisfaction.
select
    month,
    travel_mode,
    sent_count,
    answered_count,
    satisfied_count,
    _delivery,
    _row
from staging.travel_survey__answers

-- One row per month of measurement and means of travel.
-- Counts of questionnaires, never shares.
select
    month,
    travel_mode,
    sent_count,
    answered_count,
    satisfied_count,
    _delivery,
    _row
from raw.travel_survey__answers

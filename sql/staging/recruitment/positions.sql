-- One row per recruitment.
-- Dates as the system keeps them; a recruitment that goes on has no day of filling.
select
    reference,
    unit_code as unit_id,
    left(occupation_code, 6) as occupation_label,
    published_date,
    closing_date,
    filled_date,
    status,
    position_count,
    applicant_count,
    _delivery,
    _row
from raw.recruitment__positions

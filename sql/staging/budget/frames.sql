-- One row per entry in the book of frames.
-- Money given to an area is positive, money taken from it negative.
select
    year,
    entry_number,
    entry_kind,
    decision,
    decided_date as in_force_from,
    area_name,
    nullif(unit_id, '') as unit_id,
    amount_tkr,
    nullif(note, '') as note,
    _delivery,
    _row
from raw.budget__frames

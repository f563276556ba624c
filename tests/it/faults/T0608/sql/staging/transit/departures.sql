-- One row per month and line.
select
    month,
    line_code,
    unit_code,
    departure_count,
    driver_id,
    _delivery,
    _row
from raw.transit__departures

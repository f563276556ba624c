-- One row per month and line.
select
    month,
    line_code,
    unit_code as unit_id,
    departure_count,
    driver_id,
    _delivery,
    _row
from staging.transit__departures

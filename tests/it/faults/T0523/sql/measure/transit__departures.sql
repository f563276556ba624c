select
    month,
    unit_code as unit_id,
    line_code,
    departure_count,
    departure_count as on_time_count
from core.departures

-- One row per incident.
-- Minutes from the first disturbance to the solution; none while it lasts.
select
    cast(date_trunc('month', started_date) as date) as month,
    incident_number,
    service_name,
    is_critical,
    kind,
    try_cast(started_date || ' ' || started_time as timestamp) as started_at,
    try_cast(ended_date || ' ' || ended_time as timestamp) as ended_at,
    date_diff(
        'minute',
        try_cast(started_date || ' ' || started_time as timestamp),
        try_cast(ended_date || ' ' || ended_time as timestamp)
    ) as duration_minutes,
    _delivery,
    _row
from raw.it_incidents__incidents

-- One row per incident.
-- An incident belongs to the month it began in, however long it lasts.
select
    month,
    incident_number,
    service_name,
    is_critical,
    kind,
    duration_minutes,
    _delivery,
    _row
from staging.it_incidents__incidents

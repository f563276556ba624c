-- severity: warn
-- Varje löst IT-störning slutar efter att den har börjat
select
    month,
    incident_number,
    duration_minutes
from core.it_incidents
where duration_minutes < 0

-- One row per month and line.
select month
from core.departures
where driver_id is not null

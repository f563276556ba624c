-- severity: warn
-- Ingen är sjuk fler timmar än sin ordinarie arbetstid
select
    _delivery,
    _row,
    month,
    sick_hours,
    ordinary_hours
from core.worked_time
where sick_hours > ordinary_hours

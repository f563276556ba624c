-- severity: stop
-- Sjuktimmarna per intervall summerar till alla sjuktimmar
select
    _delivery,
    _row,
    month,
    sick_hours,
    sick_hours_day_1_14 + sick_hours_day_15_59 + sick_hours_day_60_on as interval_hours
from core.worked_time
where sick_hours <> sick_hours_day_1_14 + sick_hours_day_15_59 + sick_hours_day_60_on

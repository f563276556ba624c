-- One row per employment and month.
-- Hours not stated are hours that did not occur.
select
    month,
    employment_id,
    person_id,
    nullif(unit_code, '') as unit_id,
    sex,
    birth_year,
    coalesce(ordinary_hours, 0) as ordinary_hours,
    coalesce(worked_hours, 0) as worked_hours,
    coalesce(sick_hours, 0) as sick_hours,
    coalesce(sick_hours_day_1_14, 0) as sick_hours_day_1_14,
    coalesce(sick_hours_day_15_59, 0) as sick_hours_day_15_59,
    coalesce(sick_hours_day_60_on, 0) as sick_hours_day_60_on,
    coalesce(sick_spells_started, 0) as sick_spells_started,
    _delivery,
    _row
from raw.hr__worked_time

-- One row per employment and month.
-- Ordinary, worked and sick hours; the sick hours split by the day of the spell.
select
    month,
    employment_id,
    person_id,
    unit_id,
    sex,
    birth_year,
    cast(ordinary_hours as decimal(9, 2)) as ordinary_hours,
    cast(worked_hours as decimal(9, 2)) as worked_hours,
    cast(sick_hours as decimal(9, 2)) as sick_hours,
    cast(sick_hours_day_1_14 as decimal(9, 2)) as sick_hours_day_1_14,
    cast(sick_hours_day_15_59 as decimal(9, 2)) as sick_hours_day_15_59,
    cast(sick_hours_day_60_on as decimal(9, 2)) as sick_hours_day_60_on,
    cast(sick_spells_started as bigint) as sick_spells_started,
    _delivery,
    _row
from staging.hr__worked_time

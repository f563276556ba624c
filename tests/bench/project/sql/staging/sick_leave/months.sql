-- One row per accepted row.
select
    employment_id,
    month,
    sex,
    age,
    unit_code,
    ordinary_hours,
    sick_hours,
    _delivery,
    _row
from raw.sick_leave__months

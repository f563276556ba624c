-- One row per accepted row.
-- `_delivery` and `_row` lead back to the file.
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
from staging.sick_leave__months

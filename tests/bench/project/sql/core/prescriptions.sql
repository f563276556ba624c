-- One row per accepted row.
-- `_delivery` and `_row` lead back to the file.
select
    month,
    municipality_code,
    sex,
    age_band,
    atc_code,
    prescription_count,
    cost_sek,
    _delivery,
    _row
from staging.prescriptions__items

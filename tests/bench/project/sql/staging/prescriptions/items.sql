-- One row per accepted row.
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
from raw.prescriptions__items

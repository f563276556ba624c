-- One row per delivered group of dispensed or requisitioned items; there is no natural key.
-- Requisitioned drugs have neither sex nor municipality.
select
    month,
    nullif(municipality_code, '') as municipality_code,
    nullif(sex, '') as sex,
    nullif(age_group, '') as age_group,
    atc_code,
    cost_type,
    benefit_type,
    coalesce(item_count, 0) as item_count,
    coalesce(cost_sek, 0) as cost_sek,
    _delivery,
    _row
from raw.prescriptions__dispensed_items

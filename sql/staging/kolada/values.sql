-- One row per Kolada indicator, municipality or region, year and sex.
-- Withdrawn figures are left out.
select
    kpi_id,
    municipality_id,
    year,
    sex,
    value,
    value_count,
    nullif(status, '') as status,
    _delivery,
    _row
from raw.kolada__values
where not coalesce(is_deleted, false)

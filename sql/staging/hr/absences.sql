-- One row per employment, cause and period of absence, as delivered.
-- A period that crosses a new year is delivered once for each year.
select
    employment_id,
    person_id,
    cause,
    from_date,
    to_date,
    extent_pct,
    _delivery,
    _row
from raw.hr__absences

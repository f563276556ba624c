-- One row per month and building.
-- The degree day share is the month's degree days divided by a normal month's. A building whose
-- tenure is not told is the region's own.
select
    month,
    building_id,
    area_m2,
    coalesce(electricity_kwh, 0) as electricity_kwh,
    coalesce(heat_kwh, 0) as heat_kwh,
    degree_day_share,
    coalesce(tenure, 'egen') = 'egen' as is_own,
    _delivery,
    _row
from raw.climate__energy

-- One row per month and building that the region owns; heat is corrected to a normal year.
select
    month,
    building_id,
    cast(electricity_kwh + normal_heat_kwh as decimal(18, 4)) as energy_kwh,
    area_m2
from core.energy
where is_own

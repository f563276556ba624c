-- One row per month, fuel and unit of the quantity.
-- Fuel of the region's own vehicles.
select
    month,
    lower(fuel) as fuel,
    quantity,
    quantity_unit,
    _delivery,
    _row
from raw.climate__fuel

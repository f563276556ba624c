-- One row per month, means of travel and unit of the quantity.
-- One mil is ten kilometres; a passenger kilometre counts as a kilometre.
select
    month,
    lower(means) as means,
    quantity,
    quantity_unit,
    case
        when quantity_unit = 'mil' then quantity * cast(10 as decimal(3, 0))
        when quantity_unit in ('km', 'pkm') then quantity * cast(1 as decimal(3, 0))
    end as distance_km,
    _delivery,
    _row
from raw.climate__travel

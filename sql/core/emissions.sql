-- One row per month and means of travel or fuel.
-- Emissions of business travel and of the region's own vehicles side by side.
select
    month,
    means_name,
    'travel' as activity,
    cast(sum(co2e_g) as decimal(30, 6)) as co2e_g
from core.travel
group by month, means_name
union all
select
    month,
    fuel_name as means_name,
    'fuel' as activity,
    cast(sum(co2e_g) as decimal(30, 6)) as co2e_g
from core.fuel
group by month, fuel_name

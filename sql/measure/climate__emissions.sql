-- One row per month, activity and means of travel or fuel.
-- Grams to four decimals for comparisons between years, tonnes as they are.
select
    month,
    activity,
    means_name,
    cast(co2e_g as decimal(24, 4)) as co2e_g,
    cast(co2e_g * 0.000001 as decimal(30, 12)) as co2e_tonnes
from core.emissions

-- One row per month and kitchen.
-- Purchases of food in kronor and the part of them that is organic.
select
    month,
    kitchen,
    cast(total_sek as decimal(14, 2)) as total_sek,
    cast(organic_sek as decimal(14, 2)) as organic_sek,
    cast(ethical_sek as decimal(14, 2)) as ethical_sek,
    _delivery,
    _row
from staging.climate__food

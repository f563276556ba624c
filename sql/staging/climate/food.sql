-- One row per month and kitchen.
-- Purchases in kronor without VAT.
select
    month,
    kitchen,
    coalesce(total_sek, 0) as total_sek,
    coalesce(organic_sek, 0) as organic_sek,
    coalesce(ethical_sek, 0) as ethical_sek,
    _delivery,
    _row
from raw.climate__food

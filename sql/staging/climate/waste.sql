-- One row per month and fraction.
-- Recycling is told from the treatment's name.
select
    month,
    fraction,
    treatment,
    coalesce(weight_kg, 0) as weight_kg,
    coalesce(lower(treatment) like '%materialåtervinning%', false) as is_recycled,
    _delivery,
    _row
from raw.climate__waste

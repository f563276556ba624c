-- One row per month and fraction.
-- Weight of what the region's own activities threw away.
select
    month,
    fraction,
    treatment,
    cast(weight_kg as decimal(14, 1)) as weight_kg,
    is_recycled,
    _delivery,
    _row
from staging.climate__waste

-- One row per unit that ceased: the unit that took over what it did.
select
    unit_id,
    successor_unit_id,
    cast(valid_from as date) as valid_from,
    reason,
    source
from seed.unit_successors

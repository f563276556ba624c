-- One row per stop.
select
    unit_id,
    name,
    'spårvagn' as kind
from seed.units

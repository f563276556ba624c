-- One row per unit.
select
    unit_id,
    name as unit_name,
    'a' as remark
from seed.units

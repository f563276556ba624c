-- One row per unit.
select
    unit_id,
    name as unit_name,
    cast(null as varchar) as parent_unit_id,
    'board' as level,
    cast(1 as bigint) as sort_order,
    date '2020-01-01' as valid_from,
    cast(null as date) as valid_to
from seed.units

-- One row per unit of the organisation.
select
    unit_id,
    unit_name,
    nullif(parent_unit_id, '') as parent_unit_id,
    level,
    cast(sort_order as bigint) as sort_order,
    cast(valid_from as date) as valid_from,
    cast(nullif(valid_to, '') as date) as valid_to
from seed.units

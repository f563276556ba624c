-- One row per unit.
select
    unit_id,
    nullif(unit_id, '605') as code,
    170141183460469231731687303715884105727 as rows_read,
    [name] as names
from seed.units

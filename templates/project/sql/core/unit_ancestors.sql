-- One row per unit and ancestor, the unit itself included.
-- Sums per unit are joins with this table, so that each level is the sum of what lies below.
with recursive

paths as (
    select
        unit_id,
        unit_id as ancestor_unit_id,
        parent_unit_id as next_unit_id,
        level as ancestor_level,
        0 as distance
    from core.units
    union all
    select
        paths.unit_id,
        units.unit_id as ancestor_unit_id,
        units.parent_unit_id as next_unit_id,
        units.level as ancestor_level,
        paths.distance + 1 as distance
    from paths
    inner join core.units on paths.next_unit_id = units.unit_id
    -- A tree deeper than this is a circle.
    where paths.distance < 10
)

select
    unit_id,
    ancestor_unit_id,
    ancestor_level,
    cast(distance as bigint) as distance
from paths

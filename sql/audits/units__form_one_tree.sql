-- severity: stop
-- Varje enhet ligger under regionen, och ingen enhet ligger under sig själv
-- public: unit_id, parent_unit_id, region_count, depth
select
    units.unit_id,
    units.parent_unit_id,
    count(*) filter (where unit_ancestors.ancestor_level = 'region') as region_count,
    max(unit_ancestors.distance) as depth
from core.units
left join core.unit_ancestors on units.unit_id = unit_ancestors.unit_id
group by all
having
    count(*) filter (where unit_ancestors.ancestor_level = 'region') <> 1
    or max(unit_ancestors.distance) >= 10

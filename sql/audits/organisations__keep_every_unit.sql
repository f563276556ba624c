-- severity: stop
-- Varje enhet står under regionen i varje organisation, och en som har upphört har en efterträdare
-- public: organisation_id, unit_id, standing, region_count
select
    unit_places.organisation_id,
    unit_places.unit_id,
    unit_places.standing,
    count(organisation_ancestors.unit_id) as region_count
from core.unit_places
left join core.organisation_ancestors
    on
        unit_places.organisation_id = organisation_ancestors.organisation_id
        and unit_places.unit_id = organisation_ancestors.unit_id
        and organisation_ancestors.ancestor_level = 'region'
group by all
having count(organisation_ancestors.unit_id) <> 1

-- One row per unit and ancestor in the latest organisation, the unit itself included.
-- Sums per unit are joins with this table, so that each level is the sum of what lies below.
select
    organisation_ancestors.unit_id,
    organisation_ancestors.ancestor_unit_id,
    organisation_ancestors.ancestor_level,
    organisation_ancestors.distance
from core.organisation_ancestors
inner join core.organisations
    on organisation_ancestors.organisation_id = organisations.organisation_id
where organisations.is_latest

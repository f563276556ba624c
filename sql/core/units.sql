-- One row per unit, as it stands in the latest organisation that has been decided.
-- A unit that has ceased stands below its successor. Other organisations, older ones too, are asked
-- of `core.unit_places`. The printed order of the report is kept in `sort_order`.
select
    unit_places.unit_id,
    unit_places.unit_name,
    unit_places.parent_unit_id,
    unit_places.level,
    unit_places.sort_order,
    unit_places.valid_from,
    unit_places.valid_to
from core.unit_places
inner join core.organisations on unit_places.organisation_id = organisations.organisation_id
where organisations.is_latest

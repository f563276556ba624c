-- severity: stop
-- Varje enhet har ett nummer i namnet
select unit_id, name from core.lines

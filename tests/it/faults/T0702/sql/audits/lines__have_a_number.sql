-- severity: warn
-- Varje enhet har ett nummer i namnet
-- public: unit_id, name
select unit_id, name from core.lines

-- severity: warn
-- Varje värde från Kolada gäller en känd region eller riket
-- public: municipality_id, row_count
select
    municipality_id,
    count(*) as row_count
from core.kolada_values
where region_kind is null
group by all

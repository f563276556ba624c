-- severity: warn
-- Varje värde från Kolada gäller en känd region eller riket
select
    municipality_id,
    count(*) as row_count
from core.kolada_values
where region_kind is null
group by all

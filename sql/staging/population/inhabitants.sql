-- One row per region, sex, age group and year, 31 December.
-- Codes of two digits are counties, of four digits municipalities.
select
    region_code,
    sex,
    age_group,
    year,
    inhabitant_count,
    case length(region_code) when 2 then 'county' when 4 then 'municipality' else 'other' end
        as region_kind,
    _delivery,
    _row
from raw.population__inhabitants

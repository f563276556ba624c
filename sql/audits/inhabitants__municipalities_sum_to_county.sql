-- severity: warn
-- Kommunernas folkmängd summerar till länets
-- public: year, sex, county_count, municipality_count
select
    year,
    sex,
    county_count,
    municipality_count
from core.populations
where
    county_count is not null
    and municipality_count is not null
    and county_count <> municipality_count

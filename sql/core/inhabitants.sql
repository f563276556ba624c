-- One row per region, sex, age group and year, 31 December.
-- Totals over ages are left out, so that ages can be added.
select
    region_code,
    region_kind,
    sex,
    age_group,
    year,
    inhabitant_count,
    _delivery,
    _row
from staging.population__inhabitants
where lower(age_group) not in ('tot', 'total', 'totalt')

-- One row per area, sex, age group, year and measure.
-- A cell without a number stays without one: too few answered.
select
    region_code,
    sex,
    age_group,
    year,
    measure,
    value,
    _delivery,
    _row
from raw.health_survey__shares

-- One row per year, health centre and sex.
-- The whole year's target group is the denominator already in January.
select
    year,
    centre_code,
    sex,
    cast(person_count as bigint) as person_count,
    _delivery,
    _row
from staging.health_talks__target_groups

-- One row per year, health centre and sex.
-- Listed persons who are offered a talk during the year.
select
    year,
    centre_code,
    sex,
    coalesce(person_count, 0) as person_count,
    _delivery,
    _row
from raw.health_talks__target_groups

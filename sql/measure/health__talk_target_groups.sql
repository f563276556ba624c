-- One row per year, sex and area: persons whom a health talk is meant for.
select
    year,
    sex,
    area_name,
    cast(sum(person_count) as bigint) as person_count
from core.health_talk_target_groups
group by year, sex, area_name

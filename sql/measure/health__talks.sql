-- One row per month, sex and area: health talks held.
select
    month,
    sex,
    area_name,
    cast(sum(talk_count) as bigint) as talk_count
from core.health_talks
group by month, sex, area_name

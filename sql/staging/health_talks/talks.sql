-- One row per month, health centre and sex.
-- Talks held with persons of the target group.
select
    month,
    centre_code,
    centre_name,
    sex,
    coalesce(talk_count, 0) as talk_count,
    _delivery,
    _row
from raw.health_talks__talks

-- One row per month, health centre and sex.
-- Talks held with persons of the target group.
select
    month,
    centre_code,
    centre_name,
    sex,
    cast(talk_count as bigint) as talk_count,
    _delivery,
    _row
from staging.health_talks__talks

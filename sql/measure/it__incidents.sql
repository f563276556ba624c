-- One row per month and incident. One that still lasts is not solved.
select
    month,
    incident_number,
    cast(case when is_critical and kind = 'outage' then 1 else 0 end as bigint) as outage_count,
    cast(case when is_critical and kind = 'degraded' then 1 else 0 end as bigint)
        as degraded_count,
    cast(case when is_critical then 1 else 0 end as bigint) as critical_count,
    cast(case when is_critical and duration_minutes <= 180 then 1 else 0 end as bigint)
        as solved_3h_count
from core.it_incidents

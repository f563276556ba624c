-- One row per employment and day, as delivered.
-- Hours with as many decimals as the sender's program has.
select
    coalesce(employment_id, person_id) as employment_key,
    date as day,
    cast(hours as decimal(18, 6)) as hours,
    _delivery,
    _row
from raw.time_reports__schedule

-- One row per completed contact in primary care.
-- Days are counted between calendar days, whatever the clock says.
select
    month,
    contact_id,
    clinic_id,
    try_cast(decided_at as timestamp) as decided_at,
    try_cast(started_at as timestamp) as started_at,
    date_diff(
        'day',
        try_cast(try_cast(decided_at as timestamp) as date),
        try_cast(try_cast(started_at as timestamp) as date)
    ) as wait_days,
    is_guaranteed,
    coalesce(deviation_code, '') as deviation_code,
    reported_wait_days,
    sex,
    _delivery,
    _row
from raw.waiting_times__assessments

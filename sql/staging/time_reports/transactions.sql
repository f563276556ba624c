-- One row per transaction.
-- A transaction is about a day, a span of days, or a span of moments; here it always has a first
-- and a last day. Hours between two moments are worked out where the transaction gives none.
select
    coalesce(employment_id, person_id) as employment_key,
    entry_id,
    time_code,
    coalesce(date, date_from, cast(try_cast(start_time as timestamp) as date)) as first_day,
    coalesce(
        date,
        date_to,
        date_from,
        cast(try_cast(end_time as timestamp) as date),
        cast(try_cast(start_time as timestamp) as date)
    ) as last_day,
    coalesce(
        cast(hours as decimal(18, 6)),
        cast(
            date_diff(
                'minute', try_cast(start_time as timestamp), try_cast(end_time as timestamp)
            ) / 60.0 as decimal(18, 6)
        )
    ) as hours,
    cast(extent_pct as decimal(9, 4)) as extent_pct,
    _delivery,
    _row
from raw.time_reports__transactions

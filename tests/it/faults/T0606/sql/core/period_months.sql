-- One row per period, span and month of the span.
-- Spans: `period` the months themselves; `previous_year`, `base_2010` and `base_2019` the same
-- months of another year; `year_to_date` January to the last month; `rolling_12` the twelve months
-- that end with the last; `last_month` and `twelve_months_before` the two ends of a turnover.
-- `current_month` is the month of the period that a month is compared with, so that a growth never
-- compares seven months with eight.
with

periods as (
    select
        period_id,
        kind,
        year,
        first_month,
        last_month,
        opens_month
    from core.periods
),

own as (
    select
        *,
        unnest(range(first_month, last_month + interval 1 day, interval 1 month)) as own_month
    from periods
),

to_date as (
    select
        *,
        unnest(
            range(make_date(year, 1, 1), last_month + interval 1 day, interval 1 month)
        ) as own_month
    from periods
),

rolling as (
    select
        *,
        unnest(
            range(
                last_month - interval 11 month, last_month + interval 1 day, interval 1 month
            )
        ) as own_month
    from periods
),

spans as (
    select period_id, kind, opens_month, 'period' as span, own_month as month, own_month
    from own
    union all
    select
        period_id,
        kind,
        opens_month,
        'previous_year' as span,
        own_month - interval 12 month as month,
        own_month
    from own
    union all
    select
        period_id,
        kind,
        opens_month,
        'base_2019' as span,
        own_month - to_months(cast(12 * (year - 2019) as integer)) as month,
        own_month
    from own
    union all
    select
        period_id,
        kind,
        opens_month,
        'base_2010' as span,
        own_month - to_months(cast(12 * (year - 2010) as integer)) as month,
        own_month
    from own
    union all
    select period_id, kind, opens_month, 'year_to_date' as span, own_month as month, own_month
    from to_date
    union all
    select period_id, kind, opens_month, 'rolling_12' as span, own_month as month, own_month
    from rolling
    union all
    select
        period_id,
        kind,
        opens_month,
        'last_month' as span,
        last_month as month,
        last_month as own_month
    from periods
    union all
    select
        period_id,
        kind,
        opens_month,
        'twelve_months_before' as span,
        last_month - interval 12 month as month,
        last_month as own_month
    from periods
),

final as (
    select
        period_id,
        kind,
        span,
        cast(month as date) as month,
        cast(own_month as date) as current_month,
        opens_month
    from spans
)

select * from final

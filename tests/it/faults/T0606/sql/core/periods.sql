-- One row per period: months, tertials accumulated from January, and years.
-- A period counts as begun from `opens_month`: a tertial from its first own month, a year only
-- when December has come.
with

months as (
    select
        month,
        year,
        month_number
    from core.months
),

month_periods as (
    select
        strftime(month, '%Y-%m') as period_id,
        'month' as kind,
        year,
        month_number as number,
        month as first_month,
        month as last_month,
        month as opens_month,
        strftime(month - interval 12 month, '%Y-%m') as previous_period_id
    from months
),

tertial_periods as (
    select
        year || 'T' || month_number // 4 as period_id,
        'tertial' as kind,
        year,
        month_number // 4 as number,
        make_date(year, 1, 1) as first_month,
        month as last_month,
        make_date(year, month_number - 3, 1) as opens_month,
        (year - 1) || 'T' || month_number // 4 as previous_period_id
    from months
    where month_number in (4, 8, 12)
),

year_periods as (
    select
        cast(year as varchar) as period_id,
        'year' as kind,
        year,
        1 as number,
        make_date(year, 1, 1) as first_month,
        month as last_month,
        month as opens_month,
        cast(year - 1 as varchar) as previous_period_id
    from months
    where month_number = 12
),

final as (
    select * from month_periods
    union all by name
    select * from tertial_periods
    union all by name
    select * from year_periods
)

select
    period_id,
    kind,
    year,
    cast(number as bigint) as number,
    first_month,
    last_month,
    opens_month,
    previous_period_id
from final

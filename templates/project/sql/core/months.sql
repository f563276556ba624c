-- One row per calendar month, from five years before the first plan to a year after the last.
-- Extend it to the months of your sources: a row whose month is not here is in no figure.
with

spans as (
    select
        min(year(valid_from)) - 5 as first_year,
        max(year(valid_to)) + 1 as last_year
    from core.plans
),

days as (
    select
        cast(
            unnest(
                range(
                    make_date(first_year, 1, 1),
                    make_date(last_year + 1, 1, 1),
                    interval 1 month
                )
            ) as date
        ) as month
    from spans
    where first_year is not null
)

select
    month,
    cast(year(month) as bigint) as year,
    cast(month(month) as bigint) as month_number
from days

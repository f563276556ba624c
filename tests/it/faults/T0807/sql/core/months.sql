-- One row per calendar month, 2019 to 2026.
-- The first month is the base year's first.
with

numbers as (
    select unnest(range(0, 96)) as number
),

final as (
    select
        make_date(2019 + number // 12, 1 + number % 12, 1) as month,
        cast(2019 + number // 12 as bigint) as year,
        cast(1 + number % 12 as bigint) as month_number
    from numbers
)

select * from final

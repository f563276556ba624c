-- One row per calendar month, from the base year's first to the December of the last year that
-- data, plans, targets, assignments or surveys speak of. A lone date far ahead is a slip: data
-- count up to five years after the last year of which two tables have rows. What lies outside is
-- told by an audit.
with

data_years as (
    select
        extract(year from month) as year,
        count(distinct table_name) as table_count
    from meta.row_months
    where month is not null
    group by all
),

horizons as (
    select coalesce(max(year) filter (where table_count > 1), max(year)) + 5 as year
    from data_years
),

known_years as (
    select data_years.year
    from data_years
    inner join horizons on data_years.year <= horizons.year
    union all
    select extract(year from valid_to) as year
    from core.plans
    union all
    select try_cast(left(valid_to_period, 4) as bigint) as year
    from seed.targets
    union all
    select try_cast(left(valid_to_period, 4) as bigint) as year
    from seed.assignments
    union all
    select try_cast(left(valid_to_period, 4) as bigint) as year
    from seed.surveys
),

bounds as (
    select
        2019 as first_year,
        greatest(2019, coalesce(max(year), 2019)) as last_year
    from known_years
),

numbers as (
    select
        first_year,
        unnest(range(0, 12 * (last_year - first_year + 1))) as number
    from bounds
),

final as (
    select
        make_date(cast(first_year + number // 12 as integer), cast(1 + number % 12 as integer), 1)
            as month,
        cast(first_year + number // 12 as bigint) as year,
        cast(1 + number % 12 as bigint) as month_number
    from numbers
)

select * from final

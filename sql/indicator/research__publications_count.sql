-- One row per year, for the region, and the same for the year's last tertial.
-- Scientific publications of the year, each counted once. A year is given when the bibliography
-- holds anything registered after it ended; until then its number is not known.
with

publications as (
    select
        year,
        registered_month
    from core.publications
    where is_scientific
),

coverage as (
    select max(registered_month) as last_month
    from core.publications
),

periods as (
    select
        periods.period_id,
        periods.year
    from core.periods
    cross join coverage
    where
        (periods.kind = 'year' or (periods.kind = 'tertial' and periods.number = 3))
        and periods.last_month < coverage.last_month
),

final as (
    select
        'RJH' as unit_id,
        periods.period_id as period,
        'T' as sex,
        '' as breakdown,
        cast(count(*) as bigint) as numerator,
        cast(null as bigint) as denominator,
        cast(null as bigint) as person_count
    from publications
    inner join periods on publications.year = periods.year
    group by periods.period_id
)

select * from final

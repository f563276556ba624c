-- One row per month.
-- Degree days are how far the days' means lie below the base temperature, summed. A month that
-- lacks a day has no share: half a January would look like a mild one.
with

daily_means as (
    select
        month,
        day,
        mean_temperature_c
    from staging.weather__daily_means
),

bases as (
    select
        value as base_c,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from core.method_settings
    where setting = 'degree_day_base_c'
),

months_summed as (
    select
        daily_means.month,
        sum(greatest(0, bases.base_c - daily_means.mean_temperature_c)) as degree_days,
        count(distinct daily_means.day) as day_count
    from daily_means
    inner join bases on daily_means.day between bases.valid_from and bases.valid_to
    group by daily_means.month
),

-- A later normal period is more rows of the seed; the setting says which is in force.
normals as (
    select
        cast(degree_day_normals.month_number as integer) as month_number,
        cast(degree_day_normals.normal_degree_days as decimal(9, 1)) as normal_degree_days,
        method_settings.valid_from,
        coalesce(method_settings.valid_to, date '9999-12-31') as valid_to
    from seed.degree_day_normals
    inner join core.method_settings
        on cast(degree_day_normals.normal_from_year as integer) = method_settings.value
    where method_settings.setting = 'degree_day_normal_from_year'
),

final as (
    select
        months_summed.month,
        cast(months_summed.degree_days as decimal(9, 1)) as degree_days,
        normals.normal_degree_days,
        months_summed.day_count,
        months_summed.day_count = extract(day from last_day(months_summed.month)) as is_complete,
        case
            when months_summed.day_count = extract(day from last_day(months_summed.month))
                then
                    cast(
                        months_summed.degree_days / nullif(normals.normal_degree_days, 0)
                        as decimal(9, 6)
                    )
        end as degree_day_share
    from months_summed
    left join normals
        on
            extract(month from months_summed.month) = normals.month_number
            and months_summed.month between normals.valid_from and normals.valid_to
)

select * from final

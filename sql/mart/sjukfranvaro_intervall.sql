-- One row per tertial, year and interval: sick hours of the whole organisation by day of the spell.
-- The same months of this year and the three before; shares of all sick hours of the year.
-- Of a part of the organisation it would bound the long-term share where that is hidden.
with

worked_time as (
    select
        month,
        sum(sick_hours_day_1_14) as day_1_14,
        sum(sick_hours_day_15_59) as day_15_59,
        sum(sick_hours_day_60_on) as day_60_on
    from core.worked_time
    group by month
),

intervals as (
    select
        interval_code,
        interval_name,
        cast(sort_order as bigint) as sort_order
    from seed.sick_intervals
),

hours as (
    select month, 'day_1_14' as interval_code, day_1_14 as sick_hours
    from worked_time
    union all
    select month, 'day_15_59' as interval_code, day_15_59 as sick_hours
    from worked_time
    union all
    select month, 'day_60_on' as interval_code, day_60_on as sick_hours
    from worked_time
),

coverage as (
    select max(month) as last_month
    from worked_time
),

tertials as (
    select
        periods.period_id,
        periods.year,
        months.month,
        months.year as shown_year
    from core.periods
    cross join coverage
    inner join core.months
        on
            extract(month from periods.last_month) >= months.month_number
            and months.year between periods.year - 3 and periods.year
            -- Never more months of an earlier year than have come of this.
            and make_date(periods.year, months.month_number, 1) <= coverage.last_month
    where periods.kind = 'tertial' and periods.opens_month <= coverage.last_month
),

years_summed as (
    select
        tertials.period_id,
        tertials.shown_year,
        hours.interval_code,
        cast(sum(hours.sick_hours) as decimal(18, 2)) as sick_hours
    from tertials
    inner join hours on tertials.month = hours.month
    group by all
),

shared as (
    select
        *,
        sum(sick_hours) over (partition by period_id, shown_year) as year_hours
    from years_summed
),

final as (
    select
        shared.period_id as report_period,
        shared.shown_year * 100 + intervals.sort_order as sort_order,
        'body' as row_kind,
        cast(shared.shown_year as varchar) as year,
        intervals.interval_name,
        shared.sick_hours,
        cast(
            cast(shared.sick_hours as double) * 100
            / nullif(cast(shared.year_hours as double), 0)
            as decimal(18, 9)
        ) as share_pct
    from shared
    inner join intervals on shared.interval_code = intervals.interval_code
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

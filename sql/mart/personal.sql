-- One row per tertial and year: monthly paid employees in the period's last month, this year and
-- the three before.
-- Read from the outcomes, so that the number is the same here and among the indicators.
with

outcomes as (
    select
        period,
        unit_id,
        cast(numerator as decimal(18, 2)) as employee_count
    from indicator.outcomes
    where
        id = 'hr__monthly_paid_count'
        and unit_id = 'RS'
        and sex = 'T'
        and breakdown = ''
        and numerator is not null
),

tertials as (
    select
        period_id,
        year,
        last_month
    from core.periods
    where kind = 'tertial'
),

month_periods as (
    select
        period_id,
        year,
        number,
        first_month
    from core.periods
    where kind = 'month'
),

units as (
    select
        unit_id,
        unit_name
    from core.units
),

shown as (
    select
        tertials.period_id as report_period,
        tertials.year as report_year,
        month_periods.first_month as month,
        month_periods.year,
        units.unit_name,
        outcomes.employee_count
    from tertials
    inner join month_periods
        on
            month_periods.number = extract(month from tertials.last_month)
            -- One year more than is shown, for the first year's change.
            and month_periods.year between tertials.year - 4 and tertials.year
    inner join outcomes on month_periods.period_id = outcomes.period
    inner join units on outcomes.unit_id = units.unit_id
),

changed as (
    select
        *,
        lag(employee_count) over (
            partition by report_period
            order by year asc nulls last
        ) as previous_count,
        lag(year) over (
            partition by report_period
            order by year asc nulls last
        ) as previous_year,
        max(year) over (partition by report_period) as latest_year
    from shown
),

final as (
    select
        report_period,
        year as sort_order,
        'body' as row_kind,
        unit_name,
        month,
        employee_count,
        case
            when previous_year = year - 1
                then cast(employee_count - previous_count as decimal(18, 2))
        end as change_count
    from changed
    where latest_year = report_year and year >= report_year - 3
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

-- One row per tertial, month and sex: sick leave in the board's area, last year and this.
-- Read from the outcomes, so that what is suppressed there stays suppressed here.
with

outcomes as (
    select
        period,
        sex,
        value
    from indicator.outcomes
    where
        id = 'hr__sick_leave_pct'
        and unit_id = 'RS'
        and breakdown = ''
        and value is not null
),

month_periods as (
    select
        period_id,
        year,
        first_month
    from core.periods
    where kind = 'month'
),

months as (
    select
        month_periods.first_month as month,
        month_periods.year,
        outcomes.sex,
        outcomes.value
    from outcomes
    inner join month_periods on outcomes.period = month_periods.period_id
),

coverage as (
    select max(month) as last_month
    from months
),

tertials as (
    select
        periods.period_id,
        periods.year,
        periods.last_month
    from core.periods
    cross join coverage
    where periods.kind = 'tertial' and periods.opens_month <= coverage.last_month
),

sexes as (
    select
        sex,
        sex_name,
        cast(sort_order as bigint) as sort_order
    from seed.sexes
),

final as (
    select
        tertials.period_id as report_period,
        (months.year * 100 + extract(month from months.month)) * 10 + sexes.sort_order
            as sort_order,
        'body' as row_kind,
        months.month,
        sexes.sex_name,
        cast(months.value as decimal(18, 9)) as sick_leave_pct
    from tertials
    inner join months
        on
            months.year between tertials.year - 1 and tertials.year
            and tertials.last_month >= months.month
    inner join sexes on months.sex = sexes.sex
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

-- One row per tertial, year and month: hours worked in the board's area, this year and the four
-- before.
-- Years before this one are shown whole, so that a line per year can be drawn.
with

worked_time as (
    select
        worked_time.month,
        cast(sum(worked_time.worked_hours) as decimal(18, 2)) as worked_hours
    from core.worked_time
    inner join core.unit_ancestors on worked_time.unit_id = unit_ancestors.unit_id
    where unit_ancestors.ancestor_unit_id = 'RS'
    group by worked_time.month
),

coverage as (
    select max(month) as last_month
    from worked_time
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

months as (
    select
        month,
        year,
        month_number
    from core.months
),

month_names as (
    select
        unnest(range(1, 13)) as month_number,
        unnest([
            'jan', 'feb', 'mars', 'apr', 'maj', 'juni',
            'juli', 'aug', 'sep', 'okt', 'nov', 'dec'
        ]) as month_name
),

final as (
    select
        tertials.period_id as report_period,
        months.year * 100 + months.month_number as sort_order,
        'body' as row_kind,
        cast(months.year as varchar) as year,
        month_names.month_name,
        worked_time.worked_hours
    from tertials
    inner join months
        on
            months.year between tertials.year - 4 and tertials.year
            and tertials.last_month >= months.month
    inner join month_names on months.month_number = month_names.month_number
    inner join worked_time on months.month = worked_time.month
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

-- One row per month, tertial and year of the calendar.
-- A tertial and a year begin in January: tertials overlap, and periods of two kinds hold the same
-- months. So a page looks at one kind, and at one period of it unless periods are compared.
with

periods as (
    select
        period_id,
        kind,
        year,
        number,
        first_month,
        last_month,
        previous_period_id
    from core.periods
),

outcomes as (
    select
        period,
        bool_or(value is not null) as has_value
    from indicator.outcomes
    group by period
),

known as (
    select max(periods.last_month) as last_month
    from periods
    inner join outcomes on periods.period_id = outcomes.period
    where periods.kind = 'month' and outcomes.has_value
),

-- Without any month, what has ended is not known.
latest as (
    select
        periods.kind,
        max(periods.last_month) as last_month
    from periods
    inner join known on periods.last_month <= known.last_month
    group by periods.kind
),

final as (
    select
        periods.period_id as period,
        periods.kind as period_kind,
        case periods.kind
            when 'month'
                then
                    case periods.number
                        when 1 then 'januari'
                        when 2 then 'februari'
                        when 3 then 'mars'
                        when 4 then 'april'
                        when 5 then 'maj'
                        when 6 then 'juni'
                        when 7 then 'juli'
                        when 8 then 'augusti'
                        when 9 then 'september'
                        when 10 then 'oktober'
                        when 11 then 'november'
                        else 'december'
                    end
            when 'tertial' then 'tertial ' || periods.number
            else 'helår'
        end || ' ' || periods.year as period_name,
        periods.year,
        case when periods.kind = 'tertial' then periods.number end as tertial_number,
        case when periods.kind = 'month' then periods.number end as month_number,
        periods.first_month as first_day,
        cast(periods.last_month + interval 1 month - interval 1 day as date) as last_day,
        periods.previous_period_id as previous_year_period,
        outcomes.period is not null as has_outcomes,
        latest.last_month is not null as is_latest,
        cast(
            periods.year * 10000
            + extract(month from periods.last_month) * 100
            + case periods.kind when 'month' then 1 when 'tertial' then 2 else 3 end as bigint
        ) as period_sort
    from periods
    left join outcomes on periods.period_id = outcomes.period
    left join latest
        on
            periods.kind = latest.kind
            and periods.last_month = latest.last_month
)

select * from final
order by period asc nulls last

-- One row per tertial and break in the series of an indicator that the plan of the tertial follows.
-- Breaks up to the period's end; values on the two sides are not compared anywhere.
with

versions as (
    select
        id,
        valid_from,
        breaks_series,
        name,
        reason,
        lag(name) over (partition by id order by valid_from asc nulls last) as name_before
    from indicator.versions
),

tertials as (
    select
        period_id,
        first_month,
        last_month
    from core.periods
    where kind = 'tertial'
),

-- Only periods that have outcomes have a report.
reported as (
    select distinct period
    from indicator.outcomes
),

followed as (
    select distinct
        tertials.period_id,
        tertials.last_month,
        plan_indicators.indicator_id
    from core.plan_indicators
    inner join tertials
        on
            plan_indicators.valid_from <= tertials.first_month
            and plan_indicators.valid_to >= tertials.last_month
    inner join reported on tertials.period_id = reported.period
),

final as (
    select
        followed.period_id as report_period,
        row_number() over (
            partition by followed.period_id
            order by versions.valid_from desc, followed.indicator_id asc
        ) as sort_order,
        'body' as row_kind,
        followed.indicator_id,
        versions.name_before,
        versions.name as name_after,
        versions.valid_from,
        versions.reason
    from followed
    inner join versions
        on
            followed.indicator_id = versions.id
            -- The last month ends within a month of its first day.
            and versions.valid_from < followed.last_month + interval 1 month
    where versions.breaks_series
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

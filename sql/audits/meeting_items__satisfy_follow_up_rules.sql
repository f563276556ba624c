-- severity: warn
-- Kalendern har så många uppföljningar om året som planen lovar
-- public: plan, subject, rule, times_per_year, planned_times, planned_dates, source, source_line
with

rules as (
    select * from core.follow_up_rules
),

items as (
    select * from core.meeting_items
),

counted as (
    select
        rules.plan,
        rules.subject,
        rules.times_per_year,
        rules.rule,
        rules.source,
        rules.source_line,
        count(distinct items.first_date) as planned_times,
        string_agg(
            distinct cast(items.first_date as varchar),
            ', '
            order by cast(items.first_date as varchar) asc
        ) as planned_dates
    from rules
    left join items
        on
            rules.plan = items.plan
            and regexp_matches(lower(items.item || ' ' || items.heading), rules.pattern)
    group by all
)

select
    plan,
    subject,
    rule,
    times_per_year,
    planned_times,
    planned_dates,
    source,
    source_line
from counted
where planned_times < times_per_year

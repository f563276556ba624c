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
            and month(items.first_date) >= coalesce(rules.from_month, 1)
            and month(items.first_date) <= coalesce(rules.to_month, 12)
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

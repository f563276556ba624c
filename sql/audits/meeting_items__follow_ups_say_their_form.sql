-- severity: warn
-- I en kalender som säger om en uppföljning är muntlig eller skriftlig sägs det om varje
-- public: plan, first_date, heading, item, source, source_line
with

follow_ups as (
    select * from core.meeting_items
    where regexp_matches(lower(heading), 'uppföljning')
),

telling_plans as (
    select distinct plan
    from follow_ups
    where form is not null
)

select
    follow_ups.plan,
    follow_ups.first_date,
    follow_ups.heading,
    follow_ups.item,
    follow_ups.source,
    follow_ups.source_line
from follow_ups
inner join telling_plans on follow_ups.plan = telling_plans.plan
where follow_ups.form is null

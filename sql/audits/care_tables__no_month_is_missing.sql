-- severity: warn
-- Mellan första och sista levererade månad saknas ingen månad om vård, listning och Helpdesk
with

delivered as (
    select distinct
        'core.care_assessments' as table_name,
        month
    from core.care_assessments
    union all
    select distinct
        'core.listed_persons' as table_name,
        month
    from core.listed_persons
    union all
    select distinct
        'core.doctor_visits' as table_name,
        month
    from core.doctor_visits
    union all
    select distinct
        'core.helpdesk_cases' as table_name,
        month
    from core.helpdesk_cases
),

spans as (
    select
        table_name,
        min(month) as first_month,
        max(month) as last_month
    from delivered
    group by table_name
)

select
    spans.table_name,
    months.month
from spans
inner join core.months on months.month between spans.first_month and spans.last_month
left join delivered
    on
        spans.table_name = delivered.table_name
        and months.month = delivered.month
where delivered.month is null

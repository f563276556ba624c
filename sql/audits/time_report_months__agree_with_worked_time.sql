-- severity: warn
-- Sjuktiden i tidrapporterna är lönesystemets för samma person och månad, på en timme när
with

payroll as (
    select
        month,
        employment_id as employment_key,
        sum(sick_hours) as sick_hours
    from core.worked_time
    group by month, employment_id
    union all
    select
        month,
        person_id as employment_key,
        sum(sick_hours) as sick_hours
    from core.worked_time
    group by month, person_id
)

select
    time_report_months.month,
    time_report_months.employment_key,
    time_report_months.sick_hours,
    payroll.sick_hours as payroll_sick_hours
from core.time_report_months
inner join payroll
    on
        time_report_months.month = payroll.month
        and time_report_months.employment_key = payroll.employment_key
where abs(time_report_months.sick_hours - payroll.sick_hours) > 1

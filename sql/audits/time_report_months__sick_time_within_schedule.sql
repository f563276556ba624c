-- severity: warn
-- Ingen är sjuk fler timmar än schemat, och rättelser gör inte sjuktiden negativ
select
    month,
    employment_key,
    schedule_hours,
    sick_hours
from core.time_report_months
where sick_hours > schedule_hours or sick_hours < 0

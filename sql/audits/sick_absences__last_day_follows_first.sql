-- severity: stop
-- En frånvaroperiod slutar inte före den börjar
select
    employment_id,
    from_date,
    to_date
from core.sick_absences
where to_date < from_date

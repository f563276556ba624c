-- One row per month and employment.
-- The age is the one the person reaches in the year, so that nobody is in two age groups of a
-- period.
select
    worked_time.month,
    worked_time.employment_id,
    worked_time.person_id,
    worked_time.unit_id,
    worked_time.sex,
    age_groups.age_group,
    worked_time.ordinary_hours,
    worked_time.worked_hours,
    worked_time.sick_hours
from core.worked_time
left join seed.age_groups
    on
        extract(year from worked_time.month) - worked_time.birth_year
        between cast(age_groups.from_age as bigint) and cast(age_groups.to_age as bigint)

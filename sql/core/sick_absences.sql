-- One row per employment, cause and period of absence that is sick leave.
-- The same period from two yearly files counts once; a day of return told in one of them holds, and
-- a period that goes on has the last day there is.
select
    absences.employment_id,
    absences.cause,
    absences.from_date,
    coalesce(max(absences.to_date), date '9999-12-31') as to_date,
    max(absences.extent_pct) as extent_pct
from staging.hr__absences as absences
inner join seed.absence_causes on absences.cause = absence_causes.cause
where cast(absence_causes.is_sick_leave as boolean)
group by
    absences.employment_id,
    absences.cause,
    absences.from_date

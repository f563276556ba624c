-- severity: stop
-- Varje rapporterat uppdrag finns i planen, och varje status är 0–3
-- public: assignment_id, period, status
select
    reported.assignment_id,
    reported.period,
    reported.status
from staging.planning__assignments as reported
left join core.assignments
    on
        reported.assignment_id = assignments.assignment_id
        and reported.period = assignments.period
where
    assignments.assignment_id is null
    or reported.status is null
    or reported.status not between 0 and 3

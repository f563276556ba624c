-- One row per assignment and period.
-- The status as the responsible role reported it.
select
    assignment_id,
    period,
    status,
    comment,
    responsible_role,
    reported_date,
    _delivery,
    _row
from raw.planning__assignments

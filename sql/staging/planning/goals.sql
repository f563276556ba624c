-- One row per goal of a plan and tertial.
-- The status as the responsible role reported it.
select
    plan,
    goal_number,
    period,
    status,
    outcome_text,
    comment,
    responsible_role,
    reported_date,
    _delivery,
    _row
from raw.planning__goals

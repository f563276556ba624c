-- One row per activity of a plan and tertial.
-- The state as the responsible role reported it.
select
    plan,
    activity_number,
    period,
    goal_number,
    activity_text,
    start_date,
    end_date,
    state,
    comment,
    reported_date,
    _delivery,
    _row
from raw.planning__activities

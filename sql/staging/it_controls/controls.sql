-- One row per assessment and sub-control.
-- The state as the responsible role judged it.
select
    month,
    sub_control_code,
    sub_control_name,
    asset_kind,
    state,
    assessed_date,
    _delivery,
    _row
from raw.it_controls__controls

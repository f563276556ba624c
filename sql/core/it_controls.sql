-- One row per assessment and sub-control.
-- Partly fulfilled is not fulfilled; what does not apply is no part of the whole.
select
    month,
    sub_control_code,
    sub_control_name,
    asset_kind,
    state,
    state <> 'not_applicable' as is_applicable,
    state = 'fulfilled' as is_fulfilled,
    _delivery,
    _row
from staging.it_controls__controls

-- One row per indicator, unit and period.
-- The analyst's text.
select
    indicator_id,
    unit_id,
    period,
    comment,
    author_role,
    written_date,
    _delivery,
    _row
from raw.planning__comments

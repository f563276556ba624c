-- One row per indicator, unit and period.
-- The analyst's text beside a figure.
select
    indicator_id,
    unit_id,
    period,
    comment,
    author_role,
    written_date,
    _delivery,
    _row
from staging.planning__comments

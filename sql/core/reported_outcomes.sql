-- One row per indicator, unit, period and sex.
-- Outcomes that no system can compute and a responsible role reports.
select
    indicator_id,
    unit_id,
    period,
    sex,
    numerator,
    denominator,
    reported_by_role,
    reported_date,
    source_note,
    _delivery,
    _row
from staging.reported__outcomes

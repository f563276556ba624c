-- One row per company and booking period.
-- Figures of a period that is not closed may still change.
select
    company_code,
    month,
    tertial_number,
    period_status,
    period_status = 'closed' as is_closed,
    closed_date,
    _delivery,
    _row
from raw.ledger_view__periods

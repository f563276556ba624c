-- One row per company, counterpart and time of validity.
-- The ledger's own classes of counterparts.
select
    company_code,
    counterpart_code,
    counterpart_name,
    counterpart_class,
    valid_from,
    valid_to,
    _delivery,
    _row
from raw.ledger_view__counterparts

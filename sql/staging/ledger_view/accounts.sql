-- One row per company, account and time of validity.
-- The ledger's own mapping of accounts to lines of the result statement.
select
    company_code,
    account_code,
    account_name,
    coalesce(is_passive, false) as is_passive,
    result_line_code,
    valid_from,
    valid_to,
    _delivery,
    _row
from raw.ledger_view__accounts

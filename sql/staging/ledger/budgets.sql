-- One row per kind of amount, month, account and unit.
-- Budgets are signed as the ledger is; an amount without unit is the account's total.
select
    balance_kind,
    month,
    account_code,
    nullif(unit_code, '') as unit_id,
    amount_sek,
    _delivery,
    _row
from raw.ledger__budgets

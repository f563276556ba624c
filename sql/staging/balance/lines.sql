-- One row per balance day and line of the balance sheet.
-- Written as in a balance sheet: debts and equity positive, not with the ledger's sign.
select
    balance_month as month,
    balance_line,
    side,
    amount_tkr,
    _delivery,
    _row
from raw.balance__lines

-- One row per balance day and line.
-- What stands outside the balance sheet (side `memo`) is never part of its sums.
select
    month,
    balance_line,
    side,
    amount_tkr,
    _delivery,
    _row
from staging.balance__lines

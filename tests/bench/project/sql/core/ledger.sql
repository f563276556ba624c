-- One row per accepted row.
-- `_delivery` and `_row` lead back to the file.
select
    voucher_number,
    voucher_series,
    entry_date,
    account_code,
    unit_code,
    counterpart_code,
    amount_sek,
    row_text,
    _delivery,
    _row
from staging.ledger__rows

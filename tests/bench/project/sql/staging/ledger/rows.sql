-- One row per accepted row.
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
from raw.ledger__rows

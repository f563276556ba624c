-- One row per voucher row.
-- Debit positive, credit negative; `_delivery` and `_row` lead back to the file.
select
    month,
    entry_date,
    cast(extract(year from entry_date) as bigint) as year,
    voucher_series,
    voucher_number,
    voucher_row,
    account_code,
    unit_id,
    counterpart_code,
    project_code,
    amount_sek,
    _delivery,
    _row
from staging.ledger__entries

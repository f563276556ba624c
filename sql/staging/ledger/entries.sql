-- One row per voucher row.
-- Debit is positive and credit negative, as booked; the voucher text stays in the lake.
select
    cast(date_trunc('month', entry_date) as date) as month,
    entry_date,
    voucher_series,
    voucher_number,
    row_number as voucher_row,
    account_code,
    nullif(unit_code, '') as unit_id,
    nullif(counterpart_code, '') as counterpart_code,
    nullif(project_code, '') as project_code,
    amount_sek,
    _delivery,
    _row
from raw.ledger__entries

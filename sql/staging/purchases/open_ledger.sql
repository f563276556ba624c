-- One row per booked row of a supplier invoice in the open standard.
-- The standard numbers no rows: their order in the file is their number within the voucher.
select
    cast(date_trunc('month', booking_date) as date) as month,
    booking_date,
    voucher_number,
    row_number() over (partition by _delivery, voucher_number order by _row asc nulls last)
        as voucher_row,
    supplier_id,
    supplier_name,
    account_code,
    nullif(unit_code, '') as unit_id,
    invoice_number,
    net_amount_sek,
    nullif(agreement_id, '') as agreement_id,
    _delivery,
    _row
from raw.purchases__open_ledger

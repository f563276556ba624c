-- One row per booked row of a supplier invoice.
-- An empty agreement means that nothing was called off on an agreement.
select
    cast(date_trunc('month', booking_date) as date) as month,
    booking_date,
    voucher_number,
    row_number as voucher_row,
    supplier_id,
    supplier_name,
    account_code,
    nullif(unit_code, '') as unit_id,
    invoice_number,
    net_amount_sek,
    nullif(agreement_id, '') as agreement_id,
    coalesce(is_eu_project, false) as is_eu_project,
    _delivery,
    _row
from raw.purchases__invoices

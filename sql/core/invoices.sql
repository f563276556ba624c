-- One row per booked row of a supplier invoice.
-- What cannot be procured (pay, grants, tax, finance) is marked and left out of the loyalty.
with

invoices as (
    select * from staging.purchases__invoices
),

exclusions as (
    select account_code
    from seed.loyalty_exclusions
),

final as (
    select
        invoices.month,
        invoices.booking_date,
        invoices.voucher_number,
        invoices.voucher_row,
        invoices.supplier_id,
        invoices.supplier_name,
        invoices.account_code,
        invoices.unit_id,
        invoices.invoice_number,
        invoices.net_amount_sek,
        invoices.agreement_id,
        invoices.agreement_id is not null as has_agreement,
        invoices.is_eu_project,
        exclusions.account_code is null as can_be_procured,
        invoices._delivery,
        invoices._row
    from invoices
    left join exclusions on invoices.account_code = exclusions.account_code
)

select * from final

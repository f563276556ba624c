-- One row per booked row of a supplier invoice.
-- What cannot be procured (pay, grants, tax, finance) is marked and left out of the loyalty. An
-- agreement counts unless the register says that it did not hold on the booking day; the register
-- is never complete, so an agreement that is not in it counts too. Rows in the open standard stand
-- in for months that the region's own ledger has not delivered.
with

own_ledger as (
    select
        month,
        booking_date,
        voucher_number,
        voucher_row,
        supplier_id,
        supplier_name,
        account_code,
        unit_id,
        invoice_number,
        net_amount_sek,
        agreement_id,
        is_eu_project,
        _delivery,
        _row
    from staging.purchases__invoices
),

own_months as (
    select distinct month
    from own_ledger
),

open_ledger as (
    select
        open_rows.month,
        open_rows.booking_date,
        open_rows.voucher_number,
        open_rows.voucher_row,
        open_rows.supplier_id,
        open_rows.supplier_name,
        open_rows.account_code,
        open_rows.unit_id,
        open_rows.invoice_number,
        open_rows.net_amount_sek,
        open_rows.agreement_id,
        false as is_eu_project,
        open_rows._delivery,
        open_rows._row
    from staging.purchases__open_ledger as open_rows
    left join own_months on open_rows.month = own_months.month
    where own_months.month is null
),

invoices as (
    select * from own_ledger
    union all
    select * from open_ledger
),

exclusions as (
    select account_code
    from seed.loyalty_exclusions
),

agreements as (
    select
        agreement_id,
        min(valid_from) as valid_from,
        max(valid_to) as valid_to,
        bool_or(is_eu_project) as is_eu_project
    from core.agreements
    group by agreement_id
),

judged as (
    select
        invoices.*,
        case
            when invoices.agreement_id is null then 'none'
            when agreements.agreement_id is null then 'unregistered'
            when invoices.booking_date between agreements.valid_from and agreements.valid_to
                then 'in_force'
            else 'out_of_force'
        end as agreement_standing,
        coalesce(agreements.is_eu_project, false) as is_eu_agreement
    from invoices
    left join agreements on invoices.agreement_id = agreements.agreement_id
),

final as (
    select
        judged.month,
        judged.booking_date,
        judged.voucher_number,
        judged.voucher_row,
        judged.supplier_id,
        judged.supplier_name,
        judged.account_code,
        judged.unit_id,
        judged.invoice_number,
        judged.net_amount_sek,
        judged.agreement_id,
        judged.agreement_standing,
        judged.agreement_standing in ('in_force', 'unregistered') as has_agreement,
        judged.is_eu_project or judged.is_eu_agreement as is_eu_project,
        exclusions.account_code is null as can_be_procured,
        judged._delivery,
        judged._row
    from judged
    left join exclusions on judged.account_code = exclusions.account_code
)

select * from final

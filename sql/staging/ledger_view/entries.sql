-- One row per row of the ledger's fact view and measure with an amount.
-- Outcome, budgets and forecast stand beside each other in the view and below each other here; the
-- free texts stay in the lake.
with

entries as (
    select
        company_code,
        cast(date_trunc('month', entry_date) as date) as month,
        voucher_number,
        row_number as voucher_row,
        voucher_type,
        account_code,
        nullif(unit_code, '') as unit_id,
        nullif(counterpart_code, '') as counterpart_code,
        nullif(project_code, '') as project_code,
        nullif(agreement_id, '') as agreement_id,
        outcome_sek as outcome,
        budget_sek as budget,
        preliminary_budget_sek as preliminary_budget,
        forecast_sek as forecast,
        frame_budget_sek as frame_budget,
        _delivery,
        _row
    from raw.ledger_view__entries
),

final as (
    select *
    from entries
    unpivot (
        amount_sek for measure in (
            outcome, budget, preliminary_budget, forecast, frame_budget
        )
    )
)

select
    company_code,
    month,
    voucher_number,
    voucher_row,
    voucher_type,
    account_code,
    unit_id,
    counterpart_code,
    project_code,
    agreement_id,
    measure,
    amount_sek,
    _delivery,
    _row
from final

-- One row per month, unit and account with a budget.
-- A ledger states an account's total and its split on units; where there is a split the total is
-- left out, so that nothing counts twice.
with

budgets as (
    select
        month,
        account_code,
        unit_id,
        amount_sek,
        _delivery,
        _row
    from staging.ledger__budgets
    where balance_kind = 'PBUDGET'
),

accounts as (
    select
        account_code,
        result_line_code,
        line_type,
        is_gross_cost,
        valid_from,
        valid_to
    from core.accounts
),

marked as (
    select
        *,
        bool_or(unit_id is not null) over (partition by month, account_code) as has_split
    from budgets
),

final as (
    select
        marked.month,
        marked.unit_id,
        marked.account_code,
        accounts.result_line_code,
        accounts.line_type,
        coalesce(accounts.is_gross_cost, false) as is_gross_cost,
        marked.amount_sek,
        marked._delivery,
        marked._row
    from marked
    left join accounts
        on
            marked.account_code = accounts.account_code
            and marked.month >= accounts.valid_from
            and marked.month <= coalesce(accounts.valid_to, date '9999-12-31')
    where marked.unit_id is not null or not marked.has_split
)

select * from final

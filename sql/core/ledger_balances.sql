-- One row per year and account with a balance or a result.
-- The opening balance is the year's own (year index 0), not last year's closing balance.
with

balances as (
    select
        year,
        account_code,
        balance_kind,
        amount_sek,
        _delivery
    from staging.ledger__balances
    where year_index = 0 and unit_id is null and balance_kind in ('IB', 'UB', 'RES')
),

accounts as (
    select
        account_code,
        result_line_code,
        line_type,
        balance_group,
        valid_from,
        valid_to
    from core.accounts
),

balances_summed as (
    select
        year,
        account_code,
        cast(sum(amount_sek) filter (where balance_kind = 'IB') as decimal(18, 2)) as opening_sek,
        cast(sum(amount_sek) filter (where balance_kind = 'UB') as decimal(18, 2)) as closing_sek,
        cast(sum(amount_sek) filter (where balance_kind = 'RES') as decimal(18, 2)) as result_sek,
        max(_delivery) as _delivery
    from balances
    group by all
),

final as (
    select
        balances_summed.year,
        balances_summed.account_code,
        accounts.result_line_code,
        accounts.line_type,
        accounts.balance_group,
        balances_summed.opening_sek,
        balances_summed.closing_sek,
        balances_summed.result_sek,
        balances_summed._delivery
    from balances_summed
    left join accounts
        on
            balances_summed.account_code = accounts.account_code
            and make_date(balances_summed.year, 1, 1) >= accounts.valid_from
            and make_date(balances_summed.year, 1, 1)
            <= coalesce(accounts.valid_to, date '9999-12-31')
)

select * from final

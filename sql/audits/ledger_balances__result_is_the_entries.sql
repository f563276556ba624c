-- severity: warn
-- Resultatkontonas saldo i huvudboken är summan av årets verifikationer
-- public: year, account_code, result_sek, moved_sek, difference_sek
with

moved as (
    select
        year,
        account_code,
        sum(amount_sek) as moved_sek
    from core.ledger_entries
    group by all
)

select
    ledger_balances.year,
    ledger_balances.account_code,
    ledger_balances.result_sek,
    coalesce(moved.moved_sek, 0) as moved_sek,
    coalesce(moved.moved_sek, 0) - ledger_balances.result_sek as difference_sek
from core.ledger_balances
left join moved
    on
        ledger_balances.year = moved.year
        and ledger_balances.account_code = moved.account_code
where
    ledger_balances.result_sek is not null
    and ledger_balances.result_sek <> coalesce(moved.moved_sek, 0)

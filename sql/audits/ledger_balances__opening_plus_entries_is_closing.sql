-- severity: warn
-- Ingående balans plus årets verifikationer är utgående balans, konto för konto
-- public: year, account_code, opening_sek, moved_sek, closing_sek, difference_sek
with

moved as (
    select
        year,
        account_code,
        sum(amount_sek) as moved_sek
    from core.ledger_entries
    group by all
),

final as (
    select
        ledger_balances.year,
        ledger_balances.account_code,
        coalesce(ledger_balances.opening_sek, 0) as opening_sek,
        coalesce(moved.moved_sek, 0) as moved_sek,
        ledger_balances.closing_sek
    from core.ledger_balances
    left join moved
        on
            ledger_balances.year = moved.year
            and ledger_balances.account_code = moved.account_code
    where ledger_balances.line_type = 'balance' and ledger_balances.closing_sek is not null
)

select
    *,
    opening_sek + moved_sek - closing_sek as difference_sek
from final
where opening_sek + moved_sek <> closing_sek

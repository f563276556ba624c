-- severity: stop
-- Varje konto som är bokfört eller budgeterat har en rad i resultat- eller balansräkningen
-- public: table_name, account_code, first_month, amount_sek
select
    'core.ledger_months' as table_name,
    account_code,
    min(month) as first_month,
    sum(amount_sek) as amount_sek
from core.ledger_months
where line_type is null
group by all
union all
select
    'core.ledger_budgets' as table_name,
    account_code,
    min(month) as first_month,
    sum(amount_sek) as amount_sek
from core.ledger_budgets
where line_type is null
group by all
union all
select
    'core.ledger_balances' as table_name,
    account_code,
    make_date(min(year), 1, 1) as first_month,
    sum(opening_sek) as amount_sek
from core.ledger_balances
where line_type is null
group by all
union all
select
    'core.accounts' as table_name,
    account_code,
    valid_from as first_month,
    null as amount_sek
from core.accounts
where line_type is null

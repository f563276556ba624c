-- severity: warn
-- Kontoplanens resultatrad är den som ekonomisystemet självt har för kontot vid samma tid
-- public: company_code, account_code, account_name, ledger_line, chart_line, valid_from
select
    ledger_accounts.company_code,
    ledger_accounts.account_code,
    ledger_accounts.account_name,
    ledger_accounts.result_line_code as ledger_line,
    accounts.result_line_code as chart_line,
    ledger_accounts.valid_from
from staging.ledger_view__accounts as ledger_accounts
left join core.accounts
    on
        ledger_accounts.account_code = accounts.account_code
        and ledger_accounts.valid_from <= coalesce(accounts.valid_to, date '9999-12-31')
        and coalesce(ledger_accounts.valid_to, date '9999-12-31') >= accounts.valid_from
where accounts.result_line_code is distinct from ledger_accounts.result_line_code

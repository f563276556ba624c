-- severity: warn
-- Varje konto som huvudboken har lagt upp finns i kontoplanen med samma sorts konto
-- public: account_code, account_name, account_type, chart_type
select
    ledger_accounts.account_code,
    ledger_accounts.account_name,
    ledger_accounts.account_type,
    accounts.account_type as chart_type
from staging.ledger__accounts as ledger_accounts
left join core.accounts on ledger_accounts.account_code = accounts.account_code
where
    accounts.account_code is null
    or (
        ledger_accounts.account_type is not null
        and ledger_accounts.account_type <> accounts.account_type
    )

-- severity: stop
-- Huvudbokens rader och belopp är desamma i varje lager, leverans för leverans
with

staged as (
    select
        _delivery,
        count(*) as row_count,
        sum(amount_sek) as amount_sek,
        sum(abs(amount_sek)) as turnover_sek
    from staging.ledger__entries
    group by all
),

kept as (
    select
        _delivery,
        count(*) as row_count,
        sum(amount_sek) as amount_sek,
        sum(abs(amount_sek)) as turnover_sek
    from core.ledger_entries
    group by all
),

entries_by_account as (
    select
        month,
        account_code,
        count(*) as row_count,
        sum(amount_sek) as amount_sek
    from core.ledger_entries
    group by all
),

months_by_account as (
    select
        month,
        account_code,
        sum(entry_count) as row_count,
        sum(amount_sek) as amount_sek
    from core.ledger_months
    group by all
)

select
    'core.ledger_entries' as table_name,
    coalesce(staged._delivery, kept._delivery) as part,
    staged.row_count as expected_rows,
    kept.row_count as found_rows,
    staged.amount_sek as expected_sek,
    kept.amount_sek as found_sek
from staged
full join kept on staged._delivery = kept._delivery
where
    staged.row_count is distinct from kept.row_count
    or staged.amount_sek is distinct from kept.amount_sek
    or staged.turnover_sek is distinct from kept.turnover_sek
union all
select
    'core.ledger_months' as table_name,
    coalesce(entries_by_account.month, months_by_account.month)
    || ' ' || coalesce(entries_by_account.account_code, months_by_account.account_code) as part,
    entries_by_account.row_count as expected_rows,
    months_by_account.row_count as found_rows,
    entries_by_account.amount_sek as expected_sek,
    months_by_account.amount_sek as found_sek
from entries_by_account
full join months_by_account
    on
        entries_by_account.month = months_by_account.month
        and entries_by_account.account_code = months_by_account.account_code
where
    entries_by_account.row_count is distinct from months_by_account.row_count
    or entries_by_account.amount_sek is distinct from months_by_account.amount_sek

-- severity: warn
-- Faktavyns utfall och budget är huvudbokens, månad för månad, enhet för enhet och konto för konto
-- Only months that the view holds are compared, and balance accounts only as a whole.
-- public: measure, month, unit_id, account_code, view_sek, ledger_sek
with

view_months as (
    select distinct
        measure,
        month
    from core.ledger_measures
    where measure in ('outcome', 'budget')
),

view_summed as (
    select
        measure,
        month,
        unit_id,
        account_code,
        sum(amount_sek) as amount_sek
    from core.ledger_measures
    where measure in ('outcome', 'budget') and line_type <> 'balance'
    group by all
),

ledger as (
    select
        'outcome' as measure,
        month,
        unit_id,
        account_code,
        amount_sek
    from core.ledger_months
    where line_type <> 'balance'
    union all
    select
        'budget' as measure,
        month,
        unit_id,
        account_code,
        amount_sek
    from core.ledger_budgets
),

ledger_summed as (
    select
        ledger.measure,
        ledger.month,
        ledger.unit_id,
        ledger.account_code,
        sum(ledger.amount_sek) as amount_sek
    from ledger
    inner join view_months
        on
            ledger.measure = view_months.measure
            and ledger.month = view_months.month
    group by all
)

select
    coalesce(view_summed.measure, ledger_summed.measure) as measure,
    coalesce(view_summed.month, ledger_summed.month) as month,
    coalesce(view_summed.unit_id, ledger_summed.unit_id) as unit_id,
    coalesce(view_summed.account_code, ledger_summed.account_code) as account_code,
    view_summed.amount_sek as view_sek,
    ledger_summed.amount_sek as ledger_sek
from view_summed
full join ledger_summed
    on
        view_summed.measure = ledger_summed.measure
        and view_summed.month = ledger_summed.month
        and view_summed.unit_id = ledger_summed.unit_id
        and view_summed.account_code = ledger_summed.account_code
where coalesce(view_summed.amount_sek, 0) <> coalesce(ledger_summed.amount_sek, 0)

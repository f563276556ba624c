-- One row per month, unit and account of income and cost.
-- Gross: all costs, depreciation and net finance of the activities included, no income deducted.
-- Net: costs less income of the activities, without tax, general grants and the region's own
-- finance. Both also without pension cost, and without what units of the region buy from each
-- other. The outcome is income less cost, as in the report.
with

ledger_months as (
    select
        month,
        unit_id,
        account_code,
        amount_sek,
        amount_sek - coalesce(internal_sek, 0) as external_sek,
        is_gross_cost,
        line_type in ('income', 'cost') as is_net
    from core.ledger_months
    where unit_id is not null and (is_gross_cost or line_type in ('income', 'cost'))
),

pension_accounts as (
    select
        account_code,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from core.account_marks
    where mark = 'pension'
),

marked as (
    select
        ledger_months.*,
        case when pension_accounts.account_code is null then ledger_months.amount_sek else 0 end
            as other_sek
    from ledger_months
    left join pension_accounts
        on
            ledger_months.account_code = pension_accounts.account_code
            and ledger_months.month between pension_accounts.valid_from
            and pension_accounts.valid_to
)

select
    month,
    unit_id,
    account_code,
    cast(case when is_gross_cost then amount_sek end as decimal(18, 2)) as gross_sek,
    cast(case when is_gross_cost then other_sek end as decimal(18, 2)) as gross_without_pension_sek,
    cast(case when is_gross_cost then external_sek end as decimal(18, 2)) as gross_external_sek,
    cast(case when is_net then amount_sek end as decimal(18, 2)) as net_sek,
    cast(case when is_net then other_sek end as decimal(18, 2)) as net_without_pension_sek,
    cast(case when is_net then external_sek end as decimal(18, 2)) as net_external_sek,
    cast(case when is_net then -amount_sek * 0.001 end as decimal(18, 5)) as outcome_tkr
from marked

-- One row per tertial, unit and line of the result statement.
-- In the report's sign: income and surplus positive, cost and deficit negative. Budget and last
-- year cover exactly the months that have been delivered this year; where the ledger or the budget
-- does not hold them all there is no figure, which is not the same as zero.
with

ledger_months as (
    select
        month,
        unit_id,
        result_line_code,
        amount_sek
    from core.ledger_months
    where line_type in ('income', 'cost') and unit_id is not null
),

budget_months as (
    select
        month,
        unit_id,
        result_line_code,
        amount_sek
    from core.ledger_budgets
    where line_type in ('income', 'cost') and unit_id is not null
),

coverage as (
    select
        min(month) as first_month,
        max(month) as last_month
    from ledger_months
),

spans as (
    select
        period_months.period_id,
        period_months.span,
        period_months.month
    from core.period_months
    cross join coverage
    where
        period_months.kind = 'tertial'
        and period_months.span in ('period', 'previous_year')
        and period_months.opens_month <= coverage.last_month
        and period_months.current_month <= coverage.last_month
        and period_months.current_month >= coverage.first_month
),

delivered_budgets as (
    select distinct month
    from budget_months
),

compared as (
    select
        spans.period_id,
        min(spans.month) filter (where spans.span = 'previous_year') >= min(coverage.first_month)
            as has_previous,
        count(*) filter (where spans.span = 'period') = count(delivered_budgets.month)
            as has_budget
    from spans
    cross join coverage
    left join delivered_budgets
        on
            spans.span = 'period'
            and spans.month = delivered_budgets.month
    group by spans.period_id
),

amounts as (
    select
        spans.period_id,
        ledger_months.unit_id,
        ledger_months.result_line_code,
        case when spans.span = 'period' then -ledger_months.amount_sek end as outcome_sek,
        null as budget_sek,
        case when spans.span = 'previous_year' then -ledger_months.amount_sek end as previous_sek
    from ledger_months
    inner join spans on ledger_months.month = spans.month
    union all
    select
        spans.period_id,
        budget_months.unit_id,
        budget_months.result_line_code,
        null as outcome_sek,
        -budget_months.amount_sek as budget_sek,
        null as previous_sek
    from budget_months
    inner join spans on budget_months.month = spans.month
    where spans.span = 'period'
),

amounts_summed as (
    select
        period_id,
        unit_id,
        result_line_code,
        coalesce(sum(outcome_sek), 0) as outcome_sek,
        coalesce(sum(budget_sek), 0) as budget_sek,
        coalesce(sum(previous_sek), 0) as previous_sek
    from amounts
    group by all
),

final as (
    select
        amounts_summed.period_id as period,
        amounts_summed.unit_id,
        amounts_summed.result_line_code,
        cast(amounts_summed.outcome_sek as decimal(18, 2)) as outcome_sek,
        cast(
            case when compared.has_budget then amounts_summed.budget_sek end as decimal(18, 2)
        ) as budget_sek,
        cast(
            case when compared.has_previous then amounts_summed.previous_sek end as decimal(18, 2)
        ) as previous_sek
    from amounts_summed
    inner join compared on amounts_summed.period_id = compared.period_id
)

select * from final

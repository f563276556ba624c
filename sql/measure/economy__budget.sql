-- One row per tertial, unit and line of the result statement that has a budget.
-- Outcome less budget for the months that have been booked; income and surplus are positive, so a
-- negative deviation is worse than budget on income and on cost alike.
select
    ledger_tertials.period,
    ledger_tertials.unit_id,
    ledger_tertials.result_line_code,
    account_groups.account_group_name,
    cast(
        (ledger_tertials.outcome_sek - ledger_tertials.budget_sek) * 0.001 as decimal(18, 5)
    ) as deviation_tkr
from core.ledger_tertials
left join core.account_groups
    on ledger_tertials.result_line_code = account_groups.result_line_code
where ledger_tertials.budget_sek is not null

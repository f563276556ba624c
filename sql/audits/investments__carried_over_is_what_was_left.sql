-- severity: warn
-- En överförd budget är det som var kvar av den totala när året började
-- public: period, area_name, object_name, budget_tkr, total_budget_tkr, total_outcome_tkr
-- public: outcome_tkr, left_tkr, difference_tkr, _delivery, _row
-- What was left: the total budget less what had been spent since the start until this year.
select
    period,
    area_name,
    object_name,
    budget_tkr,
    total_budget_tkr,
    total_outcome_tkr,
    outcome_tkr,
    total_budget_tkr - (total_outcome_tkr - outcome_tkr) as left_tkr,
    budget_tkr - (total_budget_tkr - (total_outcome_tkr - outcome_tkr)) as difference_tkr,
    _delivery,
    _row
from core.investments
where
    stage in ('carried_over', 'completed')
    and budget_tkr <> total_budget_tkr - (total_outcome_tkr - outcome_tkr)

-- severity: warn
-- Inget investeringsobjekt kostar mer än sin budget, i år eller sedan start, ens i prognosen
-- public: period, object_name, outcome_tkr, budget_tkr, forecast_tkr, total_outcome_tkr
-- public: total_budget_tkr, what_is_above
select
    period,
    object_name,
    outcome_tkr,
    budget_tkr,
    forecast_tkr,
    total_outcome_tkr,
    total_budget_tkr,
    concat_ws(
        ', ',
        case when outcome_tkr > budget_tkr then 'årets utfall' end,
        case when forecast_tkr > budget_tkr then 'årets prognos' end,
        case when total_outcome_tkr > total_budget_tkr then 'totalt utfall' end
    ) as what_is_above
from core.investments
where
    outcome_tkr > budget_tkr
    or forecast_tkr > budget_tkr
    or total_outcome_tkr > total_budget_tkr

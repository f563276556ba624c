-- One row per period and object of investment.
-- An empty forecast is no zero.
select
    period,
    object_number,
    stage,
    area_name,
    unit_id,
    object_name,
    outcome_tkr,
    budget_tkr,
    forecast_tkr,
    total_budget_tkr,
    total_outcome_tkr,
    procurement as is_procurement_contacted,
    nullif(comment, '') as comment,
    _delivery,
    _row
from raw.investments__objects

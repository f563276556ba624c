-- One row per period, unit and object.
-- Objects whose budget was taken away count as they were delivered; `kept_budget_tkr` is without
-- them.
select
    period,
    unit_id,
    object_number,
    stage,
    coalesce(outcome_tkr, 0) as outcome_tkr,
    coalesce(budget_tkr, 0) as budget_tkr,
    case when is_budget_removed then 0 else coalesce(budget_tkr, 0) end as kept_budget_tkr
from core.investments

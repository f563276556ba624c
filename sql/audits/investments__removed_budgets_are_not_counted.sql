-- severity: warn
-- Budgeten för en investering som är borttagen eller stryks räknas inte med i årets budget
-- public: period, area_name, object_name, budget_tkr, total_budget_tkr, comment
select
    period,
    area_name,
    object_name,
    budget_tkr,
    total_budget_tkr,
    comment
from core.investments
where is_budget_removed and budget_tkr <> 0

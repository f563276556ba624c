-- severity: warn
-- Varje investeringsobjekt som inte är avslutat har en prognos för året
-- public: period, area_name, object_name, budget_tkr, comment
select
    period,
    area_name,
    object_name,
    budget_tkr,
    comment
from core.investments
where stage <> 'completed' and forecast_tkr is null

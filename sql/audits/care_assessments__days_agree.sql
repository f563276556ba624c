-- severity: warn
-- Källans väntetid i dagar är den som tidpunkterna ger, och tiderna går framåt
select
    month,
    sum(day_mismatch_count) as day_mismatch_count,
    sum(undated_count) as undated_count,
    sum(assessed_count) as assessed_count
from core.care_assessments
group by month
having sum(day_mismatch_count) > 0 or sum(undated_count) > 0

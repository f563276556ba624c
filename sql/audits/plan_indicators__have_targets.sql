-- severity: stop
-- Varje nyckeltal i en plan har ett mål, och varje mål hör till ett nyckeltal i planen
select
    coalesce(plan_indicators.plan, targets.plan) as plan,
    coalesce(plan_indicators.indicator_id, targets.indicator_id) as indicator_id,
    coalesce(plan_indicators.unit_id, targets.unit_id) as unit_id,
    plan_indicators.nr,
    targets.printed
from core.plan_indicators
full join core.targets
    on
        plan_indicators.plan = targets.plan
        and plan_indicators.indicator_id = targets.indicator_id
        and plan_indicators.unit_id = targets.unit_id
        and plan_indicators.breakdown = targets.breakdown
where plan_indicators.plan is null or targets.plan is null

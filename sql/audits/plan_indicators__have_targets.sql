-- severity: stop
-- Varje mål och kortsiktigt nyckeltal i en plan har ett målvärde, och inget mål saknar plan
-- public: plan, indicator_id, unit_id, printed
with

wanted as (
    select distinct
        plan,
        indicator_id,
        unit_id,
        breakdown,
        bool_or(has_target) over (
            partition by plan, indicator_id, unit_id, breakdown
        ) as has_target
    from core.plan_indicators
)

select
    coalesce(wanted.plan, targets.plan) as plan,
    coalesce(wanted.indicator_id, targets.indicator_id) as indicator_id,
    coalesce(wanted.unit_id, targets.unit_id) as unit_id,
    targets.printed
from wanted
full join core.targets
    on
        wanted.plan = targets.plan
        and wanted.indicator_id = targets.indicator_id
        and wanted.unit_id = targets.unit_id
        and wanted.breakdown = targets.breakdown
where wanted.plan is null or (wanted.has_target and targets.plan is null)

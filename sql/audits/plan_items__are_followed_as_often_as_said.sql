-- severity: warn
-- Ett kortsiktigt nyckeltal följs upp varje tertial, och mäts då varje tertial
-- public: plan, nr, printed_name, followed, indicator_id, measured, source
select
    plan_items.plan,
    plan_items.nr,
    plan_items.printed_name,
    plan_items.frequency as followed,
    plan_indicators.indicator_id,
    indicators.frequency as measured,
    plan_items.source
from core.plan_items
inner join core.plan_indicators
    on
        plan_items.plan = plan_indicators.plan
        and plan_items.nr = plan_indicators.nr
inner join meta.indicators on plan_indicators.indicator_id = indicators.indicator_id
where
    plan_items.kind = 'short_indicator'
    and indicators.frequency = 'year'

-- severity: warn
-- Ingen rapport säger både att ett mål är uppnått och att det inte är det
-- public: indicator_id, report_period, says_met, says_not_met, origin_met, origin_not_met
with

claims as (
    select
        indicator_id,
        report_period,
        claim,
        clause,
        origin,
        coalesce(unit_id, '') as unit_id
    from core.claims
    where claim in ('met', 'not_met') and kind <> 'indicator'
)

select
    met.indicator_id,
    met.report_period,
    met.clause as says_met,
    not_met.clause as says_not_met,
    met.origin as origin_met,
    not_met.origin as origin_not_met
from claims as met
inner join claims as not_met
    on
        met.indicator_id = not_met.indicator_id
        and met.report_period = not_met.report_period
        and met.unit_id = not_met.unit_id
where met.claim = 'met' and not_met.claim = 'not_met'

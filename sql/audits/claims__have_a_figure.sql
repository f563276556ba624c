-- severity: warn
-- Ingen tryckt text dömer ett nyckeltal eller dess ändring när rapporten saknar dess utfall
-- public: indicator_id, report_period, said, clause, origin
with

claims as (
    select * from core.claims
    where claim is not null or direction is not null
),

without_outcome as (
    select
        report_period,
        indicator_id,
        unit_id
    from core.published_statuses
    group by report_period, indicator_id, unit_id
    having count(printed_outcome) = 0
)

select
    claims.indicator_id,
    claims.report_period,
    coalesce(claims.claim, claims.direction) as said,
    claims.clause,
    claims.origin
from claims
inner join without_outcome
    on
        claims.indicator_id = without_outcome.indicator_id
        and claims.report_period = without_outcome.report_period
        and coalesce(claims.unit_id, without_outcome.unit_id) = without_outcome.unit_id
where starts_with(claims.text_id, 'tryckt:')

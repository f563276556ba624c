-- Offenders that are kept row by row, and what is counted only; the new ones first.
with kept as (
    select
        f.audit,
        a.claim,
        f.number,
        f.finding,
        f.is_known,
        f.known_reason,
        f.acknowledged_by,
        f.expires_on
    from meta.findings as f
    inner join meta.audits as a on f.audit = a.audit
),

counted as (
    select
        a.audit,
        a.claim,
        a.offender_count - count(k.number) as rest_count,
        a.known_count - count(k.number) filter (where k.is_known) as known_rest_count
    from meta.audits as a
    left join kept as k on a.audit = k.audit
    group by a.audit, a.claim, a.offender_count, a.known_count
),

rest as (
    select
        audit,
        claim,
        cast(null as bigint) as number,
        cast(rest_count as varchar) || ' more, counted only' as finding,
        known_rest_count = rest_count as is_known,
        cast(null as varchar) as known_reason,
        cast(null as varchar) as acknowledged_by,
        cast(null as date) as expires_on
    from counted
    where rest_count > 0
)

select
    audit,
    number,
    finding,
    if(is_known, 'known', 'new') as state,
    known_reason as reason,
    acknowledged_by,
    expires_on
from (
    select * from kept
    union all
    select * from rest
) as findings
where $1 = 'all' or not is_known
order by is_known, audit, number nulls last

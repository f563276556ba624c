-- The first twenty offenders of each claim, the new ones first.
select
    a.claim,
    f.number,
    f.finding,
    if(
        f.is_known,
        'känd till ' || cast(f.expires_on as varchar) || ' (' || f.acknowledged_by || '): '
        || f.known_reason,
        'ny'
    ) as state
from meta.findings as f
inner join meta.audits as a on f.audit = a.audit
where f.number <= 20
order by a.severity, f.is_known, a.claim, f.number

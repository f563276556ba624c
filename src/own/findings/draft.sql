-- What is new, as rows of `seeds/known_findings.csv` that a person completes.
with new_rows as (
    select
        audit,
        finding,
        count(*) as at_most
    from meta.findings
    where not is_known
    group by audit, finding
),

counted as (
    select
        a.audit,
        '' as finding,
        a.offender_count - a.known_count
        - coalesce((select sum(n.at_most) from new_rows as n where n.audit = a.audit), 0)
            as at_most
    from meta.audits as a
    where a.severity = 'warn'
)

select
    audit,
    finding,
    cast(at_most as bigint) as at_most,
    '' as reason,
    '' as acknowledged_by,
    '' as decided_on,
    '' as expires_on
from (
    select * from new_rows
    where audit in (select w.audit from counted as w)
    union all
    select * from counted
    where at_most > 0
) as drafts
order by audit, finding

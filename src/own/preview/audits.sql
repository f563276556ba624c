-- How much each audit found.
select
    audit,
    offender_count
from meta.audits
order by audit

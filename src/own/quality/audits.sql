-- Claims about the warehouse, those that do not hold first.
select
    claim,
    case severity when 'stop' then 'stoppar' else 'varnar' end as effect,
    case when holds then 'håller' else 'håller inte' end as outcome,
    offender_count,
    known_count
from meta.audits
order by holds, severity, claim

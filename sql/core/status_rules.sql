-- One row per version of the status rule's numbers.
-- A period is judged by the version in force at its end.
select
    rule,
    cast(version as bigint) as version,
    cast(valid_from as date) as valid_from,
    cast(decided_on as date) as decided_on,
    cast(partly_from as decimal(9, 6)) as partly_from,
    cast(in_line_tolerance as decimal(18, 6)) as in_line_tolerance,
    reason
from seed.status_rules

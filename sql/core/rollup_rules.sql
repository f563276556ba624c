-- One row per rule for the status of a goal area, with the days it holds.
-- Weights say how much an assignment and an indicator count.
select
    rule_id,
    cast(valid_from as date) as valid_from,
    cast(
        lead(cast(valid_from as date)) over (order by valid_from asc nulls last)
        - interval 1 day as date
    ) as valid_to,
    cast(decided_on as date) as decided_on,
    cast(assignment_weight as bigint) as assignment_weight,
    cast(indicator_weight as bigint) as indicator_weight,
    cast(missed_share as decimal(9, 6)) as missed_share,
    reason
from seed.rollup_rules

-- severity: warn
-- En andel ligger mellan 0 och 100 procent
-- public: id, unit_id, period, sex, breakdown, value
select
    id,
    unit_id,
    period,
    sex,
    breakdown,
    value
from indicator.outcomes
where
    unit = '%'
    and value is not null
    and not regexp_matches(
        id, '(growth|change|ratio|liquidity|return|turnover|financing|budget_use)_pct$'
    )
    and (value < 0 or value > 100)

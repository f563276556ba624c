-- One row per month, kind of cost and part of the benefit.
-- The nation, published in thousands of kronor.
select
    month,
    cost_type,
    benefit_type,
    cost_tkr,
    _delivery,
    _row
from raw.prescriptions__national_costs

-- One row per month and kind of cost.
-- The nation, published in thousands of kronor.
select
    month,
    cost_type,
    cost_tkr,
    _delivery,
    _row
from raw.prescriptions__national_costs

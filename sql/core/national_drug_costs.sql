-- One row per month and kind of cost.
-- The nation's drug cost, to compare a growth with, never to add to our own.
select
    month,
    cost_type,
    cost_tkr,
    _delivery,
    _row
from staging.prescriptions__national_costs

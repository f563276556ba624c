-- One row per month, kind of cost and part of the benefit.
-- The nation's drug cost, to compare a growth with, never to add to our own.
select
    month,
    cost_type,
    benefit_type,
    cost_tkr,
    _delivery,
    _row
from staging.prescriptions__national_costs

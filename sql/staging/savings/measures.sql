-- One row per period and measure.
-- A positive effect is better; costs are negative.
select
    period,
    measure_number,
    unit_id,
    decision_level,
    measure_name,
    expected_effect_tkr,
    outcome_tkr,
    compared_tkr,
    comparison,
    effect_tkr,
    _delivery,
    _row
from raw.savings__measures

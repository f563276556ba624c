-- One row per period and measure.
-- The effect so far beside the effect that was expected for the whole year.
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
from staging.savings__measures

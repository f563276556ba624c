-- severity: warn
-- En åtgärds uppmätta effekt är utfallet minus det som det jämförs med
-- public: period, measure_name, outcome_tkr, compared_tkr, effect_tkr, difference_tkr
select
    period,
    measure_name,
    outcome_tkr,
    compared_tkr,
    effect_tkr,
    outcome_tkr - compared_tkr as difference_tkr
from core.savings_measures
where
    outcome_tkr is not null
    and compared_tkr is not null
    and effect_tkr <> outcome_tkr - compared_tkr

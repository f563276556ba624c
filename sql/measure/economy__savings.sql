-- One row per period, unit and measure of saving.
-- An effect against last year and one against budget are measured in different ways and stand
-- apart.
select
    period,
    unit_id,
    measure_number,
    effect_tkr,
    case when comparison = 'previous_year' then effect_tkr end as effect_on_previous_year_tkr,
    case when comparison = 'budget' then effect_tkr end as effect_on_budget_tkr,
    expected_effect_tkr
from core.savings_measures

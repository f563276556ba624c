-- severity: stop
-- Ingen tabell har två rader med samma nyckel
-- The ledger's rows are compared within their delivery when it is loaded, and a year comes from
-- one delivery (an audit of its own), so the largest table is not sorted here once more.
select
    'core.units' as table_name,
    concat_ws(' ', unit_id) as key_text,
    count(*) as row_count
from core.units
group by unit_id
having count(*) > 1
union all
select
    'core.unit_ancestors' as table_name,
    concat_ws(' ', unit_id, ancestor_unit_id) as key_text,
    count(*) as row_count
from core.unit_ancestors
group by unit_id, ancestor_unit_id
having count(*) > 1
union all
select
    'core.months' as table_name,
    concat_ws(' ', month) as key_text,
    count(*) as row_count
from core.months
group by month
having count(*) > 1
union all
select
    'core.periods' as table_name,
    concat_ws(' ', period_id) as key_text,
    count(*) as row_count
from core.periods
group by period_id
having count(*) > 1
union all
select
    'core.period_months' as table_name,
    concat_ws(' ', period_id, span, month) as key_text,
    count(*) as row_count
from core.period_months
group by period_id, span, month
having count(*) > 1
union all
select
    'core.result_lines' as table_name,
    concat_ws(' ', result_line_code) as key_text,
    count(*) as row_count
from core.result_lines
group by result_line_code
having count(*) > 1
union all
select
    'core.accounts' as table_name,
    concat_ws(' ', account_code, valid_from) as key_text,
    count(*) as row_count
from core.accounts
group by account_code, valid_from
having count(*) > 1
union all
select
    'core.ledger_months' as table_name,
    concat_ws(' ', month, unit_id, account_code) as key_text,
    count(*) as row_count
from core.ledger_months
group by month, unit_id, account_code
having count(*) > 1
union all
select
    'core.ledger_tertials' as table_name,
    concat_ws(' ', period, unit_id, result_line_code) as key_text,
    count(*) as row_count
from core.ledger_tertials
group by period, unit_id, result_line_code
having count(*) > 1
union all
select
    'core.ledger_budgets' as table_name,
    concat_ws(' ', month, unit_id, account_code) as key_text,
    count(*) as row_count
from core.ledger_budgets
group by month, unit_id, account_code
having count(*) > 1
union all
select
    'core.ledger_balances' as table_name,
    concat_ws(' ', year, account_code) as key_text,
    count(*) as row_count
from core.ledger_balances
group by year, account_code
having count(*) > 1
union all
select
    'core.invoices' as table_name,
    concat_ws(' ', _delivery, voucher_number, voucher_row) as key_text,
    count(*) as row_count
from core.invoices
group by _delivery, voucher_number, voucher_row
having count(*) > 1
union all
select
    'core.employments' as table_name,
    concat_ws(' ', month, employment_id) as key_text,
    count(*) as row_count
from core.employments
group by month, employment_id
having count(*) > 1
union all
select
    'core.worked_time' as table_name,
    concat_ws(' ', month, employment_id) as key_text,
    count(*) as row_count
from core.worked_time
group by month, employment_id
having count(*) > 1
union all
select
    'core.sick_absences' as table_name,
    concat_ws(' ', employment_id, cause, from_date) as key_text,
    count(*) as row_count
from core.sick_absences
group by employment_id, cause, from_date
having count(*) > 1
union all
select
    'core.sick_spells' as table_name,
    concat_ws(' ', employment_id, first_day) as key_text,
    count(*) as row_count
from core.sick_spells
group by employment_id, first_day
having count(*) > 1
union all
select
    'core.sick_spell_months' as table_name,
    concat_ws(' ', month, employment_id, first_day) as key_text,
    count(*) as row_count
from core.sick_spell_months
group by month, employment_id, first_day
having count(*) > 1
union all
select
    'core.survey_answers' as table_name,
    concat_ws(' ', month, unit_id, respondent_group, question_code) as key_text,
    count(*) as row_count
from core.survey_answers
group by month, unit_id, respondent_group, question_code
having count(*) > 1
union all
select
    'core.survey_response' as table_name,
    concat_ws(' ', month, unit_id, respondent_group) as key_text,
    count(*) as row_count
from core.survey_response
group by month, unit_id, respondent_group
having count(*) > 1
union all
select
    'core.recruitments' as table_name,
    concat_ws(' ', reference) as key_text,
    count(*) as row_count
from core.recruitments
group by reference
having count(*) > 1
union all
select
    'core.training_participations' as table_name,
    concat_ws(' ', person_id, course_code, completed_date) as key_text,
    count(*) as row_count
from core.training_participations
group by person_id, course_code, completed_date
having count(*) > 1
union all
select
    'core.training_evaluations' as table_name,
    concat_ws(' ', month, course_code) as key_text,
    count(*) as row_count
from core.training_evaluations
group by month, course_code
having count(*) > 1
union all
select
    'core.time_report_months' as table_name,
    concat_ws(' ', month, employment_key) as key_text,
    count(*) as row_count
from core.time_report_months
group by month, employment_key
having count(*) > 1
union all
select
    'core.national_drug_costs' as table_name,
    concat_ws(' ', month, cost_type, benefit_type) as key_text,
    count(*) as row_count
from core.national_drug_costs
group by month, cost_type, benefit_type
having count(*) > 1
union all
select
    'core.emission_factors' as table_name,
    concat_ws(' ', means, quantity_unit, year_from) as key_text,
    count(*) as row_count
from core.emission_factors
group by means, quantity_unit, year_from
having count(*) > 1
union all
select
    'core.travel' as table_name,
    concat_ws(' ', month, means, quantity_unit) as key_text,
    count(*) as row_count
from core.travel
group by month, means, quantity_unit
having count(*) > 1
union all
select
    'core.fuel' as table_name,
    concat_ws(' ', month, fuel, quantity_unit) as key_text,
    count(*) as row_count
from core.fuel
group by month, fuel, quantity_unit
having count(*) > 1
union all
select
    'core.food_purchases' as table_name,
    concat_ws(' ', month, kitchen) as key_text,
    count(*) as row_count
from core.food_purchases
group by month, kitchen
having count(*) > 1
union all
select
    'core.waste' as table_name,
    concat_ws(' ', month, fraction) as key_text,
    count(*) as row_count
from core.waste
group by month, fraction
having count(*) > 1
union all
select
    'core.energy' as table_name,
    concat_ws(' ', month, building_id) as key_text,
    count(*) as row_count
from core.energy
group by month, building_id
having count(*) > 1
union all
select
    'core.degree_days' as table_name,
    concat_ws(' ', month) as key_text,
    count(*) as row_count
from core.degree_days
group by month
having count(*) > 1
union all
select
    'core.chemical_products' as table_name,
    concat_ws(' ', month, unit_id, product_id) as key_text,
    count(*) as row_count
from core.chemical_products
group by month, unit_id, product_id
having count(*) > 1
union all
select
    'core.emissions' as table_name,
    concat_ws(' ', month, means_name) as key_text,
    count(*) as row_count
from core.emissions
group by month, means_name
having count(*) > 1
union all
select
    'core.inhabitants' as table_name,
    concat_ws(' ', region_code, sex, age_group, year) as key_text,
    count(*) as row_count
from core.inhabitants
group by region_code, sex, age_group, year
having count(*) > 1
union all
select
    'core.populations' as table_name,
    concat_ws(' ', year, sex) as key_text,
    count(*) as row_count
from core.populations
group by year, sex
having count(*) > 1
union all
select
    'core.kolada_values' as table_name,
    concat_ws(' ', kpi_id, municipality_id, year, sex) as key_text,
    count(*) as row_count
from core.kolada_values
group by kpi_id, municipality_id, year, sex
having count(*) > 1
union all
select
    'core.health_talks' as table_name,
    concat_ws(' ', month, centre_code, sex) as key_text,
    count(*) as row_count
from core.health_talks
group by month, centre_code, sex
having count(*) > 1
union all
select
    'core.health_talk_target_groups' as table_name,
    concat_ws(' ', year, centre_code, sex) as key_text,
    count(*) as row_count
from core.health_talk_target_groups
group by year, centre_code, sex
having count(*) > 1
union all
select
    'core.goal_areas' as table_name,
    concat_ws(' ', goal_area_code) as key_text,
    count(*) as row_count
from core.goal_areas
group by goal_area_code
having count(*) > 1
union all
select
    'core.plan_indicators' as table_name,
    concat_ws(' ', plan, nr, indicator_id, unit_id, breakdown) as key_text,
    count(*) as row_count
from core.plan_indicators
group by plan, nr, indicator_id, unit_id, breakdown
having count(*) > 1
union all
select
    'core.plans' as table_name,
    concat_ws(' ', plan_revision) as key_text,
    count(*) as row_count
from core.plans
group by plan_revision
having count(*) > 1
union all
select
    'core.plan_items' as table_name,
    concat_ws(' ', plan, nr) as key_text,
    count(*) as row_count
from core.plan_items
group by plan, nr
having count(*) > 1
union all
select
    'core.unit_places' as table_name,
    concat_ws(' ', organisation_id, unit_id) as key_text,
    count(*) as row_count
from core.unit_places
group by organisation_id, unit_id
having count(*) > 1
union all
select
    'core.targets' as table_name,
    concat_ws(' ', plan, indicator_id, unit_id, breakdown) as key_text,
    count(*) as row_count
from core.targets
group by plan, indicator_id, unit_id, breakdown
having count(*) > 1
union all
select
    'core.assignments' as table_name,
    concat_ws(' ', assignment_id, period) as key_text,
    count(*) as row_count
from core.assignments
group by assignment_id, period
having count(*) > 1
union all
select
    'core.comments' as table_name,
    concat_ws(' ', indicator_id, unit_id, period) as key_text,
    count(*) as row_count
from core.comments
group by indicator_id, unit_id, period
having count(*) > 1
union all
select
    'core.reported_outcomes' as table_name,
    concat_ws(' ', indicator_id, unit_id, period, sex) as key_text,
    count(*) as row_count
from core.reported_outcomes
group by indicator_id, unit_id, period, sex
having count(*) > 1
union all
select
    'core.organisation_contents' as table_name,
    concat_ws(' ', organisation_id, unit_id) as key_text,
    count(*) as row_count
from core.organisation_contents
group by organisation_id, unit_id
having count(*) > 1
union all
select
    'core.period_organisations' as table_name,
    concat_ws(' ', period_id) as key_text,
    count(*) as row_count
from core.period_organisations
group by period_id
having count(*) > 1
union all
select
    'core.stated_outcomes' as table_name,
    concat_ws(' ', indicator_id, unit_id, breakdown, period, sex) as key_text,
    count(*) as row_count
from core.stated_outcomes
group by indicator_id, unit_id, breakdown, period, sex
having count(*) > 1
union all
select
    'core.published_outcomes' as table_name,
    concat_ws(' ', published_id) as key_text,
    count(*) as row_count
from core.published_outcomes
group by published_id
having count(*) > 1

-- severity: stop
-- Ingen rad försvinner eller blir två på vägen från källan
with

counted as (
    select
        'core.invoices' as table_name,
        (select count(*) from staging.purchases__invoices)
        + (
            select count(*)
            from staging.purchases__open_ledger as open_rows
            left join (select distinct month from staging.purchases__invoices) as own_months
                on open_rows.month = own_months.month
            where own_months.month is null
        ) as expected_rows,
        (select count(*) from core.invoices) as found_rows
    union all
    select
        'core.employments' as table_name,
        (select count(*) from staging.hr__employments) as expected_rows,
        (select count(*) from core.employments) as found_rows
    union all
    select
        'core.worked_time' as table_name,
        (select count(*) from staging.hr__worked_time) as expected_rows,
        (select count(*) from core.worked_time) as found_rows
    union all
    select
        'core.survey_answers' as table_name,
        (select count(*) from staging.staff_survey__answers) as expected_rows,
        (select count(*) from core.survey_answers) as found_rows
    union all
    select
        'core.survey_response' as table_name,
        (select count(*) from staging.staff_survey__response) as expected_rows,
        (select count(*) from core.survey_response) as found_rows
    union all
    select
        'core.recruitments' as table_name,
        (select count(*) from staging.recruitment__positions) as expected_rows,
        (select count(*) from core.recruitments) as found_rows
    union all
    select
        'core.training_participations' as table_name,
        (select count(*) from staging.training__participations) as expected_rows,
        (select count(*) from core.training_participations) as found_rows
    union all
    select
        'core.training_evaluations' as table_name,
        (select count(*) from staging.training__evaluations) as expected_rows,
        (select count(*) from core.training_evaluations) as found_rows
    union all
    select
        'core.dispensed_items' as table_name,
        (select count(*) from staging.prescriptions__dispensed_items) as expected_rows,
        (select count(*) from core.dispensed_items) as found_rows
    union all
    select
        'core.national_drug_costs' as table_name,
        (select count(*) from staging.prescriptions__national_costs) as expected_rows,
        (select count(*) from core.national_drug_costs) as found_rows
    union all
    select
        'core.travel' as table_name,
        (select count(*) from staging.climate__travel) as expected_rows,
        (select count(*) from core.travel) as found_rows
    union all
    select
        'core.fuel' as table_name,
        (select count(*) from staging.climate__fuel) as expected_rows,
        (select count(*) from core.fuel) as found_rows
    union all
    select
        'core.food_purchases' as table_name,
        (select count(*) from staging.climate__food) as expected_rows,
        (select count(*) from core.food_purchases) as found_rows
    union all
    select
        'core.waste' as table_name,
        (select count(*) from staging.climate__waste) as expected_rows,
        (select count(*) from core.waste) as found_rows
    union all
    select
        'core.energy' as table_name,
        (select count(*) from staging.climate__energy) as expected_rows,
        (select count(*) from core.energy) as found_rows
    union all
    select
        'core.chemical_products' as table_name,
        (select count(*) from staging.chemicals__products) as expected_rows,
        (select count(*) from core.chemical_products) as found_rows
    union all
    select
        'core.kolada_values' as table_name,
        (select count(*) from staging.kolada__values) as expected_rows,
        (select count(*) from core.kolada_values) as found_rows
    union all
    select
        'core.health_talks' as table_name,
        (select count(*) from staging.health_talks__talks) as expected_rows,
        (select count(*) from core.health_talks) as found_rows
    union all
    select
        'core.health_talk_target_groups' as table_name,
        (select count(*) from staging.health_talks__target_groups) as expected_rows,
        (select count(*) from core.health_talk_target_groups) as found_rows
    union all
    select
        'core.comments' as table_name,
        (select count(*) from staging.planning__comments) as expected_rows,
        (select count(*) from core.comments) as found_rows
    union all
    select
        'core.reported_outcomes' as table_name,
        (select count(*) from staging.reported__outcomes) as expected_rows,
        (select count(*) from core.reported_outcomes) as found_rows
)

select
    table_name,
    expected_rows,
    found_rows
from counted
where expected_rows <> found_rows

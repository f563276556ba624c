-- severity: stop
-- Ingen rad om vård, IT, folkhälsa och planer försvinner eller blir två på vägen från källan
with

counted as (
    select
        'core.doctor_visits' as table_name,
        (select count(*) from staging.doctor_visits__visits) as expected_count,
        (select count(*) from core.doctor_visits) as found_count
    union all
    select
        'core.travel_answers' as table_name,
        (select count(*) from staging.travel_survey__answers) as expected_count,
        (select count(*) from core.travel_answers) as found_count
    union all
    select
        'core.helpdesk_cases' as table_name,
        (select count(*) from staging.helpdesk__cases) as expected_count,
        (select count(*) from core.helpdesk_cases) as found_count
    union all
    select
        'core.it_controls' as table_name,
        (select count(*) from staging.it_controls__controls) as expected_count,
        (select count(*) from core.it_controls) as found_count
    union all
    select
        'core.it_incidents' as table_name,
        (select count(*) from staging.it_incidents__incidents) as expected_count,
        (select count(*) from core.it_incidents) as found_count
    union all
    select
        'core.information_assets' as table_name,
        (select count(*) from staging.information_classes__assets) as expected_count,
        (select count(*) from core.information_assets) as found_count
    union all
    select
        'core.pupil_health' as table_name,
        (select count(*) from staging.pupil_health__answers) as expected_count,
        (select count(*) from core.pupil_health) as found_count
    union all
    select
        'core.goal_followups' as table_name,
        (select count(*) from staging.planning__goals) as expected_count,
        (select count(*) from core.goal_followups) as found_count
    union all
    select
        'core.activity_followups' as table_name,
        (select count(*) from staging.planning__activities) as expected_count,
        (select count(*) from core.activity_followups) as found_count
    union all
    select
        'core.care_assessments' as table_name,
        (select count(*) from staging.waiting_times__assessments) as expected_count,
        (select coalesce(sum(contact_count), 0) from core.care_assessments) as found_count
    union all
    select
        'core.patient_board_cases' as table_name,
        (select count(*) from staging.patient_board__cases) as expected_count,
        (select coalesce(sum(case_count), 0) from core.patient_board_cases) as found_count
    union all
    select
        'core.publications' as table_name,
        (select count(*) from staging.publications__records) as expected_count,
        (select coalesce(sum(record_count), 0) from core.publications) as found_count
    union all
    select
        'core.listed_persons' as table_name,
        (
            select coalesce(sum(women_count + men_count), 0)
            from staging.listing__listed_persons
        ) as expected_count,
        (select coalesce(sum(person_count), 0) from core.listed_persons) as found_count
)

select
    table_name,
    expected_count,
    found_count
from counted
where expected_count <> found_count

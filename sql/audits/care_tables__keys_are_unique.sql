-- severity: stop
-- Ingen tabell om vård, IT, folkhälsa och planer har två rader med samma nyckel
select
    'core.care_assessments' as table_name,
    concat_ws(' ', month, clinic_id, sex) as key_text,
    count(*) as row_count
from core.care_assessments
group by month, clinic_id, sex
having count(*) > 1
union all
select
    'core.listed_persons' as table_name,
    concat_ws(' ', month, centre_code, sex) as key_text,
    count(*) as row_count
from core.listed_persons
group by month, centre_code, sex
having count(*) > 1
union all
select
    'core.doctor_visits' as table_name,
    concat_ws(' ', month, care_level, care_place, home_county_code, sex) as key_text,
    count(*) as row_count
from core.doctor_visits
group by month, care_level, care_place, home_county_code, sex
having count(*) > 1
union all
select
    'core.patient_board_cases' as table_name,
    concat_ws(' ', month, topic, sex) as key_text,
    count(*) as row_count
from core.patient_board_cases
group by month, topic, sex
having count(*) > 1
union all
select
    'core.travel_answers' as table_name,
    concat_ws(' ', month, travel_mode) as key_text,
    count(*) as row_count
from core.travel_answers
group by month, travel_mode
having count(*) > 1
union all
select
    'core.helpdesk_cases' as table_name,
    concat_ws(' ', month, channel, category) as key_text,
    count(*) as row_count
from core.helpdesk_cases
group by month, channel, category
having count(*) > 1
union all
select
    'core.it_controls' as table_name,
    concat_ws(' ', month, sub_control_code) as key_text,
    count(*) as row_count
from core.it_controls
group by month, sub_control_code
having count(*) > 1
union all
select
    'core.it_incidents' as table_name,
    concat_ws(' ', incident_number) as key_text,
    count(*) as row_count
from core.it_incidents
group by incident_number
having count(*) > 1
union all
select
    'core.information_assets' as table_name,
    concat_ws(' ', month, asset_id) as key_text,
    count(*) as row_count
from core.information_assets
group by month, asset_id
having count(*) > 1
union all
select
    'core.publications' as table_name,
    concat_ws(' ', publication_key) as key_text,
    count(*) as row_count
from core.publications
group by publication_key
having count(*) > 1
union all
select
    'core.pupil_health' as table_name,
    concat_ws(' ', year, municipality_code, grade, sex) as key_text,
    count(*) as row_count
from core.pupil_health
group by year, municipality_code, grade, sex
having count(*) > 1
union all
select
    'core.health_survey' as table_name,
    concat_ws(' ', region_code, sex, age_group, year) as key_text,
    count(*) as row_count
from core.health_survey
group by region_code, sex, age_group, year
having count(*) > 1
union all
select
    'core.regional_economy' as table_name,
    concat_ws(' ', region_code, year) as key_text,
    count(*) as row_count
from core.regional_economy
group by region_code, year
having count(*) > 1
union all
select
    'core.population_groups' as table_name,
    concat_ws(' ', year, group_kind, group_name) as key_text,
    count(*) as row_count
from core.population_groups
group by year, group_kind, group_name
having count(*) > 1
union all
select
    'core.health_centres' as table_name,
    concat_ws(' ', centre_code, valid_from) as key_text,
    count(*) as row_count
from core.health_centres
group by centre_code, valid_from
having count(*) > 1
union all
select
    'core.goal_followups' as table_name,
    concat_ws(' ', plan, goal_number, period) as key_text,
    count(*) as row_count
from core.goal_followups
group by plan, goal_number, period
having count(*) > 1
union all
select
    'core.activity_followups' as table_name,
    concat_ws(' ', plan, activity_number, period) as key_text,
    count(*) as row_count
from core.activity_followups
group by plan, activity_number, period
having count(*) > 1

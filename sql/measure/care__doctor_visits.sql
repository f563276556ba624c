-- One row per month, care level, place of care and sex: visits of the county's inhabitants.
select
    month,
    care_level,
    care_place,
    sex,
    visit_count,
    case when care_level = 'primary' then visit_count else 0 end as primary_count
from core.doctor_visits
where is_resident

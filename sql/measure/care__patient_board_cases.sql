-- One row per month and topic. A month with other cases and none about travel is a zero.
select
    month,
    topic,
    case_count,
    case when topic = 'medical_travel' then case_count else 0 end as travel_case_count
from core.patient_board_cases

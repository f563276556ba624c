-- One row per survey month, unit and group of respondents: who was asked and who answered.
select
    month,
    unit_id,
    case respondent_group when 'chefer' then 'Chefer' else '' end as respondents,
    response_count,
    sent_count
from core.survey_response

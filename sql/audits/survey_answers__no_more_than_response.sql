-- severity: warn
-- Ingen fråga har fler svar än enkäten, och ingen enhet fler svar än utskick
select
    survey_answers.month,
    survey_answers.unit_id,
    survey_answers.respondent_group,
    survey_answers.question_code,
    survey_answers.answer_count,
    survey_response.response_count,
    survey_response.sent_count
from core.survey_answers
left join core.survey_response
    on
        survey_answers.month = survey_response.month
        and survey_answers.unit_id = survey_response.unit_id
        and survey_answers.respondent_group = survey_response.respondent_group
where
    survey_response.month is null
    or survey_answers.answer_count > survey_response.response_count
    or survey_response.response_count > survey_response.sent_count

-- One row per survey month, unit, group of respondents and question.
-- Managers are a group of their own and also in the group of all, which has an empty text.
select
    month,
    unit_id,
    case respondent_group when 'chefer' then 'Chefer' else '' end as respondents,
    question_code,
    is_health_promotion,
    point_sum,
    answer_count,
    no_count
from core.survey_answers

-- One row per survey, unit, group of respondents and question.
-- Counts of answers; an answer that nobody gave may be empty.
select
    month,
    unit_code as unit_id,
    respondent_group,
    question_code,
    coalesce(answers_1, 0) as answers_1,
    coalesce(answers_2, 0) as answers_2,
    coalesce(answers_3, 0) as answers_3,
    coalesce(answers_4, 0) as answers_4,
    coalesce(answers_5, 0) as answers_5,
    coalesce(answers_6, 0) as answers_6,
    coalesce(answers_yes, 0) as answers_yes,
    coalesce(answers_no, 0) as answers_no,
    stated_mean,
    _delivery,
    _row
from raw.staff_survey__answers

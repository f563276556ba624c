-- severity: warn
-- Leverantörens medelvärde är svarens, avrundat till två decimaler
select
    month,
    unit_id,
    respondent_group,
    question_code,
    stated_mean,
    cast(point_sum as double) / answer_count as computed_mean
from core.survey_answers
where
    stated_mean is not null
    and answer_count > 0
    and abs(cast(point_sum as double) / answer_count - cast(stated_mean as double)) > 0.0051

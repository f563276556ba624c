-- One row per survey, unit, group of respondents and question.
-- Answers on the scale 1 to 6 as a sum of points and a number of answers, so that units can be
-- added before they are divided.
with

answers as (
    select * from staging.staff_survey__answers
),

questions as (
    select
        question_code,
        answer_form,
        cast(is_health_promotion as boolean) as is_health_promotion
    from seed.survey_questions
),

final as (
    select
        answers.month,
        answers.unit_id,
        answers.respondent_group,
        answers.question_code,
        coalesce(questions.is_health_promotion, false) as is_health_promotion,
        case
            when questions.answer_form = 'yes_no' then answers.answers_yes + answers.answers_no
            else
                answers.answers_1 + answers.answers_2 + answers.answers_3
                + answers.answers_4 + answers.answers_5 + answers.answers_6
        end as answer_count,
        case
            when questions.answer_form = 'scale'
                then
                    answers.answers_1 + 2 * answers.answers_2 + 3 * answers.answers_3
                    + 4 * answers.answers_4 + 5 * answers.answers_5 + 6 * answers.answers_6
        end as point_sum,
        case when questions.answer_form = 'yes_no' then answers.answers_no end as no_count,
        answers.stated_mean,
        answers._delivery,
        answers._row
    from answers
    left join questions on answers.question_code = questions.question_code
)

select
    month,
    unit_id,
    respondent_group,
    question_code,
    is_health_promotion,
    cast(answer_count as bigint) as answer_count,
    cast(point_sum as bigint) as point_sum,
    cast(no_count as bigint) as no_count,
    stated_mean,
    _delivery,
    _row
from final

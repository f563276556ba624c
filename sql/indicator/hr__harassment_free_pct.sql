-- One row per board and tertial, and for the region.
-- Answers of no over all answers to the question on harassment, from the survey that holds. Smaller
-- units and managers are not told apart: the few who answer yes could be known there.
with

answers as (
    select
        survey_answers.month,
        unit_ancestors.ancestor_unit_id as unit_id,
        sum(survey_answers.no_count) as no_count,
        sum(survey_answers.answer_count) as answer_count
    from core.survey_answers
    inner join core.unit_ancestors on survey_answers.unit_id = unit_ancestors.unit_id
    where
        survey_answers.question_code = 'T01'
        and survey_answers.respondent_group = 'alla'
        and unit_ancestors.ancestor_level in ('region', 'board')
    group by survey_answers.month, unit_ancestors.ancestor_unit_id
),

-- A survey older than twelve months tells nothing about the period.
survey_periods as (
    select
        survey_periods.period_id,
        survey_periods.survey_month
    from core.survey_periods
    inner join core.period_months
        on
            survey_periods.period_id = period_months.period_id
            and survey_periods.survey_month = period_months.month
    where period_months.span = 'rolling_12'
),

final as (
    select
        answers.unit_id,
        survey_periods.period_id as period,
        'T' as sex,
        '' as breakdown,
        cast(answers.no_count as bigint) as numerator,
        cast(answers.answer_count as bigint) as denominator,
        cast(answers.answer_count as bigint) as person_count
    from answers
    inner join survey_periods on answers.month = survey_periods.survey_month
)

select * from final

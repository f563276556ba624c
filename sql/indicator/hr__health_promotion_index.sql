-- One row per unit and period, for all who answered and for managers.
-- Points over answers of the questions of the index, all units and questions added before they are
-- divided, from the survey that holds.
with

answers as (
    select
        month,
        unit_id,
        respondent_group,
        question_code,
        answer_count,
        point_sum
    from core.survey_answers
    where is_health_promotion
),

unit_ancestors as (
    select
        unit_id,
        ancestor_unit_id
    from core.unit_ancestors
    where ancestor_level in ('region', 'board', 'area', 'department')
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

questions_summed as (
    select
        answers.month,
        unit_ancestors.ancestor_unit_id as unit_id,
        answers.respondent_group,
        answers.question_code,
        sum(answers.point_sum) as point_sum,
        sum(answers.answer_count) as answer_count
    from answers
    inner join unit_ancestors on answers.unit_id = unit_ancestors.unit_id
    group by
        answers.month,
        unit_ancestors.ancestor_unit_id,
        answers.respondent_group,
        answers.question_code
),

surveys_summed as (
    select
        month,
        unit_id,
        respondent_group,
        sum(point_sum) as point_sum,
        sum(answer_count) as answer_count,
        max(answer_count) as person_count
    from questions_summed
    group by month, unit_id, respondent_group
),

final as (
    select
        surveys_summed.unit_id,
        survey_periods.period_id as period,
        'T' as sex,
        case surveys_summed.respondent_group when 'chefer' then 'Chefer' else '' end as breakdown,
        cast(surveys_summed.point_sum as bigint) as numerator,
        cast(surveys_summed.answer_count as bigint) as denominator,
        cast(surveys_summed.person_count as bigint) as person_count
    from surveys_summed
    inner join survey_periods on surveys_summed.month = survey_periods.survey_month
)

select * from final

-- One row per unit and period, for all who were asked and for managers.
-- Those who answered over those who were asked, in the survey that holds.
with

response as (
    select
        survey_response.month,
        unit_ancestors.ancestor_unit_id as unit_id,
        survey_response.respondent_group,
        sum(survey_response.response_count) as response_count,
        sum(survey_response.sent_count) as sent_count
    from core.survey_response
    inner join core.unit_ancestors on survey_response.unit_id = unit_ancestors.unit_id
    where unit_ancestors.ancestor_level in ('region', 'board', 'area', 'department')
    group by
        survey_response.month,
        unit_ancestors.ancestor_unit_id,
        survey_response.respondent_group
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
        response.unit_id,
        survey_periods.period_id as period,
        'T' as sex,
        case response.respondent_group when 'chefer' then 'Chefer' else '' end as breakdown,
        cast(response.response_count as bigint) as numerator,
        cast(response.sent_count as bigint) as denominator,
        cast(response.sent_count as bigint) as person_count
    from response
    inner join survey_periods on response.month = survey_periods.survey_month
)

select * from final

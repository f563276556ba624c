-- One row per year and sex, for the region and for the nation, and the same for the year's last
-- tertial.
-- The share is the survey's own: it is weighted, and cannot be had from a count of answers. With
-- too few answers there is no value.
with

survey as (
    select
        year,
        sex,
        region_kind,
        share_pct,
        answered_count
    from core.health_survey
    where age_group = '16-29' and region_kind in ('own', 'nation')
),

rules as (
    select cast(minimum_answers as bigint) as minimum_answers
    from seed.survey_rules
    where survey = 'health_survey'
),

periods as (
    select
        period_id,
        year
    from core.periods
    where kind = 'year' or (kind = 'tertial' and number = 3)
),

final as (
    select
        'RJH' as unit_id,
        periods.period_id as period,
        survey.sex,
        case survey.region_kind when 'nation' then 'Riket' else '' end as breakdown,
        cast(
            case when survey.answered_count >= rules.minimum_answers then survey.share_pct end
            as decimal(18, 4)
        ) as numerator,
        cast(null as decimal(18, 4)) as denominator,
        cast(survey.answered_count as bigint) as person_count
    from survey
    inner join periods on survey.year = periods.year
    cross join rules
)

select * from final

-- One row per tertial in which a survey holds.
-- Which survey a tertial report shows is decided by the HR office and stands in `seed.surveys`; of
-- two that hold, the later one does.
with

surveys as (
    select
        cast(surveys.survey_month || '-01' as date) as survey_month,
        first_periods.last_month as first_month,
        last_periods.last_month
    from seed.surveys
    inner join core.periods as first_periods
        on surveys.valid_from_period = first_periods.period_id
    inner join core.periods as last_periods on surveys.valid_to_period = last_periods.period_id
),

final as (
    select
        periods.period_id,
        max(surveys.survey_month) as survey_month
    from core.periods
    inner join surveys on periods.last_month between surveys.first_month and surveys.last_month
    where periods.kind = 'tertial'
    group by periods.period_id
)

select * from final

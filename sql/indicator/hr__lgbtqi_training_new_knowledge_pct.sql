-- One row per period, for the region.
-- Answers of new knowledge over all answers after the training, accumulated from January.
with

evaluations as (
    select
        month,
        new_knowledge_count,
        answer_count
    from core.training_evaluations
    where topic = 'hbtqi'
),

coverage as (
    select max(month) as last_month
    from evaluations
),

period_months as (
    select
        period_months.period_id,
        period_months.month
    from core.period_months
    cross join coverage
    where
        period_months.span = 'period'
        and period_months.kind in ('tertial', 'year')
        and period_months.opens_month <= coverage.last_month
),

final as (
    select
        'RJH' as unit_id,
        period_months.period_id as period,
        'T' as sex,
        '' as breakdown,
        cast(sum(evaluations.new_knowledge_count) as bigint) as numerator,
        cast(sum(evaluations.answer_count) as bigint) as denominator,
        cast(sum(evaluations.answer_count) as bigint) as person_count
    from evaluations
    inner join period_months on evaluations.month = period_months.month
    group by period_months.period_id
)

select * from final

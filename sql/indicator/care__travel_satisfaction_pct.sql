-- One row per period and means of travel, one for all of them, and the response rate.
-- Satisfied answers over all answers. With too few answers, or too low a response, there is no
-- value: the row is given without a numerator, and the rate says why.
with

answers as (
    select
        month,
        travel_mode,
        sent_count,
        answered_count,
        satisfied_count
    from core.travel_answers
),

rules as (
    select
        cast(minimum_answers as bigint) as minimum_answers,
        cast(minimum_response_pct as bigint) as minimum_response_pct
    from seed.survey_rules
    where survey = 'travel_survey'
),

coverage as (
    select max(month) as last_month
    from answers
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

answers_by_breakdown as (
    select month, '' as breakdown, sent_count, answered_count, satisfied_count
    from answers
    union all
    select month, travel_mode as breakdown, sent_count, answered_count, satisfied_count
    from answers
),

answers_summed as (
    select
        period_months.period_id,
        answers_by_breakdown.breakdown,
        sum(answers_by_breakdown.sent_count) as sent_count,
        sum(answers_by_breakdown.answered_count) as answered_count,
        sum(answers_by_breakdown.satisfied_count) as satisfied_count
    from answers_by_breakdown
    inner join period_months on answers_by_breakdown.month = period_months.month
    group by period_months.period_id, answers_by_breakdown.breakdown
),

shares as (
    select
        answers_summed.period_id,
        answers_summed.breakdown,
        case
            when
                answers_summed.answered_count >= rules.minimum_answers
                and answers_summed.answered_count * 100
                >= answers_summed.sent_count * rules.minimum_response_pct
                then answers_summed.satisfied_count
        end as numerator,
        answers_summed.answered_count as denominator
    from answers_summed
    cross join rules
    union all
    select
        period_id,
        'Svarsfrekvens' as breakdown,
        answered_count as numerator,
        sent_count as denominator
    from answers_summed
    where breakdown = ''
),

final as (
    select
        'RJH' as unit_id,
        period_id as period,
        'T' as sex,
        breakdown,
        cast(numerator as bigint) as numerator,
        cast(denominator as bigint) as denominator,
        cast(null as bigint) as person_count
    from shares
)

select * from final

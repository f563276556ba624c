-- One row per period, for the region.
-- Cases solved in the first call over all cases that came by telephone.
with

cases as (
    select
        month,
        case_count,
        first_call_count
    from core.helpdesk_cases
    where channel = 'telephone'
),

coverage as (
    select max(month) as last_month
    from cases
),

period_months as (
    select
        period_months.period_id,
        period_months.month
    from core.period_months
    cross join coverage
    where
        period_months.span = 'period'
        and period_months.opens_month <= coverage.last_month
),

final as (
    select
        'RJH' as unit_id,
        period_months.period_id as period,
        'T' as sex,
        '' as breakdown,
        cast(sum(cases.first_call_count) as bigint) as numerator,
        cast(sum(cases.case_count) as bigint) as denominator,
        cast(null as bigint) as person_count
    from cases
    inner join period_months on cases.month = period_months.month
    group by period_months.period_id
    having sum(cases.case_count) > 0
)

select * from final

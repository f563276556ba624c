-- One row per period, for the region.
-- Cases about medical travel that came in to the patient board since January. A period in which
-- the board had other cases and none about travel is a zero and not a gap.
with

cases as (
    select
        month,
        topic,
        case_count
    from core.patient_board_cases
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

cases_summed as (
    select
        period_months.period_id,
        sum(case when cases.topic = 'medical_travel' then cases.case_count else 0 end) as case_count
    from cases
    inner join period_months on cases.month = period_months.month
    group by period_months.period_id
),

final as (
    select
        'RJH' as unit_id,
        period_id as period,
        'T' as sex,
        '' as breakdown,
        cast(case_count as bigint) as numerator,
        cast(null as bigint) as denominator,
        cast(null as bigint) as person_count
    from cases_summed
)

select * from final

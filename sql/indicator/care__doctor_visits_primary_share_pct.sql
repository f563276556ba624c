-- One row per period and sex, for the region.
-- Doctor visits in primary care over all doctor visits of the county's inhabitants, wherever they
-- were made.
with

visits as (
    select
        month,
        care_level,
        sex,
        visit_count
    from core.doctor_visits
    where is_resident
),

coverage as (
    select max(month) as last_month
    from visits
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

visits_by_sex as (
    select month, care_level, 'T' as sex, visit_count
    from visits
    union all
    select month, care_level, sex, visit_count
    from visits
),

visits_summed as (
    select
        period_months.period_id,
        visits_by_sex.sex,
        sum(
            case when visits_by_sex.care_level = 'primary' then visits_by_sex.visit_count else 0 end
        ) as primary_count,
        sum(visits_by_sex.visit_count) as visit_count
    from visits_by_sex
    inner join period_months on visits_by_sex.month = period_months.month
    group by period_months.period_id, visits_by_sex.sex
),

final as (
    select
        'RJH' as unit_id,
        period_id as period,
        sex,
        '' as breakdown,
        cast(primary_count as bigint) as numerator,
        cast(visit_count as bigint) as denominator,
        cast(null as bigint) as person_count
    from visits_summed
    where visit_count > 0
)

select * from final

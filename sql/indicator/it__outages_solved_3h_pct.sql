-- One row per period, for the region.
-- Outages and strongly reduced performance of critical services that were solved within three
-- hours, over all of them. One that still lasts is not solved. Without any there is no share.
with

incidents as (
    select
        month,
        duration_minutes
    from core.it_incidents
    where is_critical
),

coverage as (
    select max(month) as last_month
    from incidents
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
        cast(
            sum(case when incidents.duration_minutes <= 180 then 1 else 0 end) as bigint
        ) as numerator,
        cast(count(*) as bigint) as denominator,
        cast(null as bigint) as person_count
    from incidents
    inner join period_months on incidents.month = period_months.month
    group by period_months.period_id
)

select * from final

-- One row per period, for the region.
-- Outages of critical services that began since January; a period with other incidents and none
-- of these is a zero. The breakdown is the count of strongly reduced performance.
with

incidents as (
    select
        month,
        is_critical,
        kind
    from core.it_incidents
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

incidents_summed as (
    select
        period_months.period_id,
        sum(case when incidents.is_critical and incidents.kind = 'outage' then 1 else 0 end)
            as outage_count,
        sum(case when incidents.is_critical and incidents.kind = 'degraded' then 1 else 0 end)
            as degraded_count
    from incidents
    inner join period_months on incidents.month = period_months.month
    group by period_months.period_id
),

counts as (
    select period_id, '' as breakdown, outage_count as incident_count
    from incidents_summed
    union all
    select period_id, 'Nedsatt prestanda' as breakdown, degraded_count as incident_count
    from incidents_summed
),

final as (
    select
        'RJH' as unit_id,
        period_id as period,
        'T' as sex,
        breakdown,
        cast(incident_count as bigint) as numerator,
        cast(null as bigint) as denominator,
        cast(null as bigint) as person_count
    from counts
)

select * from final

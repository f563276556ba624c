-- One row per tertial and year, for the region.
-- Sub-controls of software that are fulfilled, over all that apply, in the last assessment of the
-- period. An assessment from an earlier tertial does not stand for a later one.
with

controls as (
    select
        month,
        is_fulfilled
    from core.it_controls
    where asset_kind = 'software' and is_applicable
),

assessments as (
    select
        period_months.period_id,
        max(controls.month) as month
    from controls
    inner join core.period_months on controls.month = period_months.month
    where
        period_months.span = 'period'
        and period_months.kind in ('tertial', 'year')
        and period_months.month >= period_months.opens_month
    group by period_months.period_id
),

final as (
    select
        'RJH' as unit_id,
        assessments.period_id as period,
        'T' as sex,
        '' as breakdown,
        cast(sum(case when controls.is_fulfilled then 1 else 0 end) as bigint) as numerator,
        cast(count(*) as bigint) as denominator,
        cast(null as bigint) as person_count
    from controls
    inner join assessments on controls.month = assessments.month
    group by assessments.period_id
)

select * from final

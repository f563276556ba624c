-- One row per unit and period.
-- Days from advertisement to filling over the recruitments filled from January; one that was broken
-- off or goes on is not in it.
with

recruitments as (
    select
        filled_month,
        unit_id,
        days_to_fill
    from core.recruitments
    where status = 'tillsatt' and filled_month is not null
),

unit_ancestors as (
    select
        unit_id,
        ancestor_unit_id
    from core.unit_ancestors
    where ancestor_level in ('region', 'board', 'area')
),

coverage as (
    select max(filled_month) as last_month
    from recruitments
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
        unit_ancestors.ancestor_unit_id as unit_id,
        period_months.period_id as period,
        'T' as sex,
        '' as breakdown,
        cast(sum(recruitments.days_to_fill) as bigint) as numerator,
        cast(count(*) as bigint) as denominator,
        cast(null as bigint) as person_count
    from recruitments
    inner join unit_ancestors on recruitments.unit_id = unit_ancestors.unit_id
    inner join period_months on recruitments.filled_month = period_months.month
    group by unit_ancestors.ancestor_unit_id, period_months.period_id
)

select * from final

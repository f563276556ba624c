-- One row per unit, period and sex.
-- Monthly paid employees in the period's last month, by share of placement, so that a person
-- placed half in a unit counts as a half there.
with

employments as (
    select
        month,
        person_id,
        unit_id,
        sex,
        placement_share
    from core.employments
    where is_monthly_paid
),

unit_ancestors as (
    select
        unit_id,
        ancestor_unit_id
    from core.unit_ancestors
    where ancestor_level in ('board', 'area', 'department')
),

period_months as (
    select
        period_id,
        month
    from core.period_months
    where span = 'last_month'
),

persons as (
    select
        employments.month,
        unit_ancestors.ancestor_unit_id as unit_id,
        employments.sex,
        employments.person_id,
        sum(employments.placement_share) as placement_share
    from employments
    inner join unit_ancestors on employments.unit_id = unit_ancestors.unit_id
    group by
        employments.month,
        unit_ancestors.ancestor_unit_id,
        employments.sex,
        employments.person_id
),

months_counted as (
    select
        month,
        unit_id,
        'T' as sex,
        sum(placement_share) as placement_share,
        count(distinct person_id) as person_count
    from persons
    group by month, unit_id
    union all
    select
        month,
        unit_id,
        sex,
        sum(placement_share) as placement_share,
        count(*) as person_count
    from persons
    where sex in ('K', 'M')
    group by month, unit_id, sex
),

final as (
    select
        months_counted.unit_id,
        period_months.period_id as period,
        months_counted.sex,
        '' as breakdown,
        cast(months_counted.placement_share as decimal(18, 2)) as numerator,
        cast(null as decimal(18, 2)) as denominator,
        months_counted.person_count
    from months_counted
    inner join period_months on months_counted.month = period_months.month
)

select * from final

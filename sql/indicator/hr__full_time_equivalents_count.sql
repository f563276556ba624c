-- One row per unit, tertial or year and sex, and one per unit, period and occupation group.
-- Agreed working time of the monthly paid in the period's last month, as full-time employments.
with

employments as (
    select
        month,
        person_id,
        unit_id,
        sex,
        coalesce(occupation_group, 'Övriga') as occupation_group,
        cast(employment_rate_pct as decimal(9, 2))
        * cast(placement_share as decimal(9, 2))
        / 100 as full_time_equivalents
    from core.employments
    where is_monthly_paid
),

unit_ancestors as (
    select
        unit_id,
        ancestor_unit_id,
        ancestor_level
    from core.unit_ancestors
    where ancestor_level in ('region', 'board', 'area', 'department')
),

period_months as (
    select
        period_id,
        month
    from core.period_months
    where span = 'last_month' and kind in ('tertial', 'year')
),

employments_by_group as (
    select
        month,
        person_id,
        unit_id,
        'T' as sex,
        '' as breakdown,
        full_time_equivalents
    from employments
    union all
    select
        month,
        person_id,
        unit_id,
        sex,
        '' as breakdown,
        full_time_equivalents
    from employments
    where sex in ('K', 'M')
    union all
    select
        month,
        person_id,
        unit_id,
        'T' as sex,
        occupation_group as breakdown,
        full_time_equivalents
    from employments
),

months_counted as (
    select
        employments_by_group.month,
        unit_ancestors.ancestor_unit_id as unit_id,
        employments_by_group.sex,
        employments_by_group.breakdown,
        sum(employments_by_group.full_time_equivalents) as full_time_equivalents,
        count(distinct employments_by_group.person_id) as person_count
    from employments_by_group
    inner join unit_ancestors on employments_by_group.unit_id = unit_ancestors.unit_id
    -- Below the board a group is few persons, and hiding it would hide the unit too.
    where
        employments_by_group.breakdown = ''
        or unit_ancestors.ancestor_level in ('region', 'board')
    group by
        employments_by_group.month,
        unit_ancestors.ancestor_unit_id,
        employments_by_group.sex,
        employments_by_group.breakdown
),

final as (
    select
        months_counted.unit_id,
        period_months.period_id as period,
        months_counted.sex,
        months_counted.breakdown,
        cast(months_counted.full_time_equivalents as decimal(18, 4)) as numerator,
        cast(null as decimal(18, 4)) as denominator,
        months_counted.person_count
    from months_counted
    inner join period_months on months_counted.month = period_months.month
)

select * from final

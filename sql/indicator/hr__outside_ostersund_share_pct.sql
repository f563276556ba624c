-- One row per unit, tertial or year and sex.
-- Monthly paid whose workplace lies in another municipality than Östersund (2380) over all whose
-- workplace is known, in the period's last month, by share of placement.
with

employments as (
    select
        month,
        person_id,
        unit_id,
        sex,
        placement_share,
        workplace_municipality_code <> '2380' as is_outside
    from core.employments
    where is_monthly_paid and workplace_municipality_code is not null
),

unit_ancestors as (
    select
        unit_id,
        ancestor_unit_id
    from core.unit_ancestors
    where ancestor_level in ('region', 'board', 'area')
),

period_months as (
    select
        period_id,
        month
    from core.period_months
    where span = 'last_month' and kind in ('tertial', 'year')
),

employments_by_sex as (
    select month, person_id, unit_id, 'T' as sex, placement_share, is_outside
    from employments
    union all
    select month, person_id, unit_id, sex, placement_share, is_outside
    from employments
    where sex in ('K', 'M')
),

months_counted as (
    select
        employments_by_sex.month,
        unit_ancestors.ancestor_unit_id as unit_id,
        employments_by_sex.sex,
        sum(employments_by_sex.placement_share) filter (where employments_by_sex.is_outside)
            as counted_share,
        sum(employments_by_sex.placement_share) as placement_share,
        count(distinct employments_by_sex.person_id) as person_count
    from employments_by_sex
    inner join unit_ancestors on employments_by_sex.unit_id = unit_ancestors.unit_id
    group by
        employments_by_sex.month,
        unit_ancestors.ancestor_unit_id,
        employments_by_sex.sex
),

final as (
    select
        months_counted.unit_id,
        period_months.period_id as period,
        months_counted.sex,
        '' as breakdown,
        cast(coalesce(months_counted.counted_share, 0) as decimal(18, 2)) as numerator,
        cast(months_counted.placement_share as decimal(18, 2)) as denominator,
        months_counted.person_count
    from months_counted
    inner join period_months on months_counted.month = period_months.month
)

select * from final

-- One row per tertial and unit of the board: monthly paid, full-time equivalents and full time in
-- the period's last month.
-- Read from the outcomes, never from the employments, so that a hidden cell cannot be worked out
-- here.
with

outcomes as (
    select
        id,
        unit_id,
        period,
        numerator,
        value,
        missing
    from indicator.outcomes
    where
        id in (
            'hr__monthly_paid_count', 'hr__full_time_equivalents_count', 'hr__full_time_share_pct'
        )
        and sex = 'T'
        and breakdown = ''
),

units as (
    select
        units.unit_id,
        units.unit_name,
        units.level,
        units.sort_order
    from core.units
    inner join core.unit_ancestors on units.unit_id = unit_ancestors.unit_id
    where unit_ancestors.ancestor_unit_id = 'RS'
),

tertials as (
    select period_id
    from core.periods
    where kind = 'tertial'
),

side_by_side as (
    select
        period,
        unit_id,
        max(numerator) filter (where id = 'hr__monthly_paid_count') as monthly_paid_count,
        max(missing) filter (where id = 'hr__monthly_paid_count') as monthly_paid_count_missing,
        max(numerator) filter (where id = 'hr__full_time_equivalents_count')
            as full_time_equivalents_count,
        max(missing) filter (where id = 'hr__full_time_equivalents_count')
            as full_time_equivalents_count_missing,
        max(value) filter (where id = 'hr__full_time_share_pct') as full_time_share_pct,
        max(missing) filter (where id = 'hr__full_time_share_pct') as full_time_share_pct_missing
    from outcomes
    group by period, unit_id
),

final as (
    select
        tertials.period_id as report_period,
        units.sort_order,
        case units.level
            when 'department' then 'body'
            when 'area' then 'subtotal'
            else 'sum'
        end as row_kind,
        units.unit_name,
        cast(side_by_side.monthly_paid_count as decimal(18, 2)) as monthly_paid_count,
        cast(side_by_side.full_time_equivalents_count as decimal(18, 2))
            as full_time_equivalents_count,
        cast(side_by_side.full_time_share_pct as decimal(18, 9)) as full_time_share_pct,
        side_by_side.monthly_paid_count_missing,
        side_by_side.full_time_equivalents_count_missing,
        side_by_side.full_time_share_pct_missing
    from side_by_side
    inner join tertials on side_by_side.period = tertials.period_id
    inner join units on side_by_side.unit_id = units.unit_id
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

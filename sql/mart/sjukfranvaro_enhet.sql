-- One row per tertial and unit: sick leave since January in the board, its areas and departments.
-- Read from the outcomes, never from the hours, so that a hidden cell cannot be worked out here.
with

outcomes as (
    select
        period,
        unit_id,
        sex,
        value,
        missing
    from indicator.outcomes
    where id = 'hr__sick_leave_pct' and breakdown = ''
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
    select
        period_id,
        previous_period_id
    from core.periods
    where kind = 'tertial'
),

sexes_side_by_side as (
    select
        period,
        unit_id,
        max(value) filter (where sex = 'K') as women_pct,
        max(value) filter (where sex = 'M') as men_pct,
        max(value) filter (where sex = 'T') as total_pct,
        max(missing) filter (where sex = 'K') as women_pct_missing,
        max(missing) filter (where sex = 'M') as men_pct_missing,
        max(missing) filter (where sex = 'T') as total_pct_missing,
        bool_or(coalesce(missing, '') = 'suppressed') as has_suppressed
    from outcomes
    group by all
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
        cast(sexes_side_by_side.women_pct as decimal(18, 9)) as women_pct,
        cast(sexes_side_by_side.men_pct as decimal(18, 9)) as men_pct,
        cast(sexes_side_by_side.total_pct as decimal(18, 9)) as total_pct,
        cast(previous.total_pct as decimal(18, 9)) as previous_total_pct,
        sexes_side_by_side.women_pct_missing,
        sexes_side_by_side.men_pct_missing,
        sexes_side_by_side.total_pct_missing,
        previous.total_pct_missing as previous_total_pct_missing
    from sexes_side_by_side
    inner join tertials on sexes_side_by_side.period = tertials.period_id
    inner join units on sexes_side_by_side.unit_id = units.unit_id
    left join sexes_side_by_side as previous
        on
            tertials.previous_period_id = previous.period
            and sexes_side_by_side.unit_id = previous.unit_id
    where sexes_side_by_side.has_suppressed or sexes_side_by_side.total_pct is not null
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

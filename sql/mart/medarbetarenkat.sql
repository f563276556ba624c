-- One row per tertial and unit: the survey's indices in the board, its areas and departments, with
-- the response rate.
-- Read from the outcomes, never from the answers, so that a hidden cell cannot be worked out here.
-- A unit whose response lies below the limit is marked; its values stand.
with

outcomes as (
    select
        id,
        unit_id,
        period,
        value,
        missing
    from indicator.outcomes
    where
        id in (
            'hr__survey_response_pct',
            'hr__health_promotion_index',
            'hr__influence_index',
            'hr__manager_support_index'
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

survey_periods as (
    select
        period_id,
        survey_month
    from core.survey_periods
),

limits as (
    select
        cast(value as double) as min_response_pct,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from core.method_settings
    where setting = 'survey_min_response_pct'
),

side_by_side as (
    select
        period,
        unit_id,
        max(value) filter (where id = 'hr__survey_response_pct') as response_pct,
        max(missing) filter (where id = 'hr__survey_response_pct') as response_pct_missing,
        max(value) filter (where id = 'hr__health_promotion_index') as health_promotion_index,
        max(missing) filter (where id = 'hr__health_promotion_index')
            as health_promotion_index_missing,
        max(value) filter (where id = 'hr__influence_index') as influence_index,
        max(missing) filter (where id = 'hr__influence_index') as influence_index_missing,
        max(value) filter (where id = 'hr__manager_support_index') as manager_support_index,
        max(missing) filter (where id = 'hr__manager_support_index')
            as manager_support_index_missing
    from outcomes
    group by period, unit_id
),

final as (
    select
        survey_periods.period_id as report_period,
        units.sort_order,
        case
            when side_by_side.response_pct < limits.min_response_pct then 'uncertain'
            when units.level = 'department' then 'body'
            when units.level = 'area' then 'subtotal'
            else 'sum'
        end as row_kind,
        units.unit_name,
        survey_periods.survey_month,
        cast(side_by_side.response_pct as decimal(18, 9)) as response_pct,
        cast(side_by_side.health_promotion_index as decimal(18, 9)) as health_promotion_index,
        cast(side_by_side.influence_index as decimal(18, 9)) as influence_index,
        cast(side_by_side.manager_support_index as decimal(18, 9)) as manager_support_index,
        case
            when side_by_side.response_pct < limits.min_response_pct then 'Låg svarsfrekvens'
            when side_by_side.response_pct is not null then 'Tillräckligt'
            else 'Visas inte'
        end as basis,
        side_by_side.response_pct_missing,
        side_by_side.health_promotion_index_missing,
        side_by_side.influence_index_missing,
        side_by_side.manager_support_index_missing
    from side_by_side
    inner join survey_periods on side_by_side.period = survey_periods.period_id
    inner join units on side_by_side.unit_id = units.unit_id
    inner join limits
        on survey_periods.survey_month between limits.valid_from and limits.valid_to
    where
        side_by_side.response_pct is not null
        or coalesce(side_by_side.response_pct_missing, '') = 'suppressed'
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

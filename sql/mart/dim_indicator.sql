-- One row per indicator, as its latest version has it.
-- Its place in the plans is that of the latest plan that follows it. What a definition says in more
-- words stands in `meta.indicators`, a row per indicator too.
with

versions as (
    select
        indicator_id,
        name,
        measures,
        method_version
    from indicator.versions
    qualify row_number() over (partition by indicator_id order by method_version desc) = 1
),

outcomes as (
    select
        indicator_id,
        max(unit) as unit,
        max(decimals) as decimals,
        bool_or(denominator is not null) as has_denominator,
        bool_or(is_coarse or coalesce(missing = 'suppressed', false)) as is_protected
    from indicator.outcomes
    group by indicator_id
),

followed as (
    select
        indicator_id,
        string_agg(distinct plan, ' ' order by plan asc) as plans
    from core.plan_indicators
    group by indicator_id
),

-- One place in the latest plan: the first item with a target, else the first.
placed as (
    select
        plan_indicators.indicator_id,
        plan_indicators.plan,
        plan_indicators.nr,
        plan_indicators.frequency,
        plan_indicators.has_target,
        goal_areas.goal_area_code,
        goal_areas.goal_area_name,
        goal_areas.sort_order
    from core.plan_indicators
    left join core.goal_areas on plan_indicators.goal_area_code = goal_areas.goal_area_code
    qualify
        row_number() over (
            partition by plan_indicators.indicator_id
            order by
                plan_indicators.valid_from desc, plan_indicators.plan desc,
                plan_indicators.has_target desc, plan_indicators.sort_order asc
        ) = 1
),

final as (
    select
        versions.indicator_id,
        versions.name as indicator_name,
        versions.measures,
        outcomes.unit,
        outcomes.decimals,
        -- A share, a mean or an answer says so by its denominator or by its unit.
        coalesce(
            not outcomes.has_denominator
            and outcomes.unit not in ('', '%', 'index')
            and not contains(outcomes.unit, ' per ')
            and not contains(outcomes.unit, '/'),
            false
        ) as is_additive,
        coalesce(outcomes.is_protected, false) as is_protected,
        followed.plans,
        placed.plan as latest_plan,
        placed.frequency as plan_frequency,
        coalesce(placed.has_target, false) as has_plan_target,
        placed.goal_area_code,
        placed.goal_area_name,
        versions.method_version as latest_method_version,
        row_number() over (
            order by
                placed.plan desc nulls last, placed.sort_order asc nulls last,
                placed.nr asc nulls last, versions.indicator_id asc
        ) as indicator_sort
    from versions
    left join outcomes on versions.indicator_id = outcomes.indicator_id
    left join followed on versions.indicator_id = followed.indicator_id
    left join placed on versions.indicator_id = placed.indicator_id
)

select * from final
order by indicator_id asc nulls last

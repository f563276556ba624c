-- One row per unit, period and stage, for every level with objects.
-- What has been spent since January over the year's budget. Objects whose budget was taken away are
-- counted as they were delivered; the breakdown without them shows the difference.
with

investments as (
    select
        period,
        unit_id,
        outcome_tkr,
        budget_tkr,
        is_budget_removed
    from core.investments
),

unit_ancestors as (
    select
        unit_id,
        ancestor_unit_id
    from core.unit_ancestors
),

by_breakdown as (
    select period, unit_id, '' as breakdown, outcome_tkr, budget_tkr
    from investments
    union all
    select
        period,
        unit_id,
        'exkl. borttagna budgetar' as breakdown,
        outcome_tkr,
        case when is_budget_removed then 0 else budget_tkr end as budget_tkr
    from investments
),

final as (
    select
        unit_ancestors.ancestor_unit_id as unit_id,
        by_breakdown.period,
        'T' as sex,
        by_breakdown.breakdown,
        cast(sum(coalesce(by_breakdown.outcome_tkr, 0)) as decimal(18, 3)) as numerator,
        cast(sum(coalesce(by_breakdown.budget_tkr, 0)) as decimal(18, 3)) as denominator,
        cast(null as bigint) as person_count
    from by_breakdown
    inner join unit_ancestors on by_breakdown.unit_id = unit_ancestors.unit_id
    group by
        unit_ancestors.ancestor_unit_id,
        by_breakdown.period,
        by_breakdown.breakdown
)

select * from final
where denominator > 0

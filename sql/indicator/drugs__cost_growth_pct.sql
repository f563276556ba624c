-- One row per period and breakdown, for the region.
-- Drug cost, prescriptions and requisitions together, against the same months of the year before;
-- the part within the benefit, all prescriptions, and requisitions each for itself.
-- The breakdowns that begin with `Riket` are the nation's growth for the same months: the target
-- and its parts, not outcomes.
with

costs_by_owner as (
    select
        month,
        '' as owner,
        cost_type,
        benefit_type,
        sum(cast(cost_sek as decimal(24, 2))) as cost
    from core.dispensed_items
    group by month, cost_type, benefit_type
    union all
    select
        month,
        'Riket' as owner,
        cost_type,
        benefit_type,
        sum(cast(cost_tkr as decimal(24, 2))) as cost
    from core.national_drug_costs
    group by month, cost_type, benefit_type
),

coverage as (
    select
        min(month) as first_month,
        max(month) as last_month
    from core.dispensed_items
),

complete_periods as (
    select period_months.period_id
    from core.period_months
    cross join coverage
    where
        period_months.span = 'previous_year'
        and period_months.opens_month <= coverage.last_month
    group by period_months.period_id
    having min(period_months.month) >= min(coverage.first_month)
),

period_months as (
    select
        period_months.period_id,
        period_months.span,
        period_months.month
    from core.period_months
    inner join complete_periods on period_months.period_id = complete_periods.period_id
    cross join coverage
    where
        period_months.span in ('period', 'previous_year')
        and period_months.current_month <= coverage.last_month
),

costs_by_concept as (
    select month, owner, '' as concept, cost
    from costs_by_owner
    union all
    select month, owner, 'Recept' as concept, cost
    from costs_by_owner
    where cost_type = 'recept'
    union all
    select month, owner, 'Förmån' as concept, cost
    from costs_by_owner
    where benefit_type = 'förmån'
    union all
    select month, owner, 'Rekvisition' as concept, cost
    from costs_by_owner
    where cost_type = 'rekvisition'
),

costs as (
    select
        month,
        case
            when owner = '' then concept
            when concept = '' then owner
            else owner || ' ' || lower(concept)
        end as breakdown,
        cost
    from costs_by_concept
),

spans_summed as (
    select
        period_months.period_id,
        costs.breakdown,
        sum(case when period_months.span = 'period' then costs.cost else 0 end) as current_cost,
        sum(
            case when period_months.span = 'previous_year' then costs.cost else 0 end
        ) as previous_cost,
        count(distinct case when period_months.span = 'period' then costs.month end)
            as current_count,
        count(distinct case when period_months.span = 'previous_year' then costs.month end)
            as previous_count
    from costs
    inner join period_months on costs.month = period_months.month
    group by period_months.period_id, costs.breakdown
),

final as (
    select
        'RJH' as unit_id,
        period_id as period,
        'T' as sex,
        breakdown,
        cast(current_cost - previous_cost as decimal(24, 2)) as numerator,
        cast(previous_cost as decimal(24, 2)) as denominator,
        cast(null as bigint) as person_count
    from spans_summed
    where previous_cost <> 0 and current_count = previous_count
)

select * from final

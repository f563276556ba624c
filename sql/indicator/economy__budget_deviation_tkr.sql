-- One row per unit, tertial and account group, for every level of the organisation.
-- Outcome less budget for the months that have been booked; income and surplus are positive, so a
-- negative deviation is worse than budget on income and on cost alike. Without a budget there is no
-- deviation, which is not zero.
with

tertials as (
    select
        period,
        unit_id,
        result_line_code,
        outcome_sek,
        budget_sek
    from core.ledger_tertials
    where budget_sek is not null
),

unit_ancestors as (
    select
        unit_id,
        ancestor_unit_id
    from core.unit_ancestors
),

account_groups as (
    select
        result_line_code,
        account_group_name
    from core.account_groups
),

units_summed as (
    select
        tertials.period,
        unit_ancestors.ancestor_unit_id as unit_id,
        account_groups.account_group_name,
        sum(tertials.outcome_sek) as outcome_sek,
        sum(tertials.budget_sek) as budget_sek
    from tertials
    inner join unit_ancestors on tertials.unit_id = unit_ancestors.unit_id
    left join account_groups on tertials.result_line_code = account_groups.result_line_code
    group by
        tertials.period,
        unit_ancestors.ancestor_unit_id,
        account_groups.account_group_name
),

by_breakdown as (
    select
        period,
        unit_id,
        '' as breakdown,
        sum(outcome_sek) as outcome_sek,
        sum(budget_sek) as budget_sek
    from units_summed
    group by period, unit_id
    union all
    select
        period,
        unit_id,
        account_group_name as breakdown,
        outcome_sek,
        budget_sek
    from units_summed
    where account_group_name is not null
),

final as (
    select
        unit_id,
        period,
        'T' as sex,
        breakdown,
        cast((outcome_sek - budget_sek) * 0.001 as decimal(18, 5)) as numerator,
        cast(null as decimal(18, 5)) as denominator,
        cast(null as bigint) as person_count
    from by_breakdown
)

select * from final

-- One row per unit, period and breakdown, for the region and its boards.
-- Purchases from suppliers with an agreement over all purchases that can be procured; the second
-- breakdown leaves the suppliers of EU projects out.
with

invoices as (
    select
        month,
        unit_id,
        net_amount_sek,
        has_agreement,
        is_eu_project
    from core.invoices
    where can_be_procured
),

unit_ancestors as (
    select
        unit_id,
        ancestor_unit_id
    from core.unit_ancestors
    where ancestor_level in ('region', 'board')
),

coverage as (
    select max(month) as last_month
    from invoices
),

period_months as (
    select
        period_months.period_id,
        period_months.month
    from core.period_months
    cross join coverage
    where
        period_months.span = 'period'
        and period_months.opens_month <= coverage.last_month
),

months_summed as (
    select
        invoices.month,
        unit_ancestors.ancestor_unit_id as unit_id,
        invoices.is_eu_project,
        sum(case when invoices.has_agreement then invoices.net_amount_sek else 0 end)
            as agreement_sek,
        sum(invoices.net_amount_sek) as total_sek
    from invoices
    inner join unit_ancestors on invoices.unit_id = unit_ancestors.unit_id
    group by invoices.month, unit_ancestors.ancestor_unit_id, invoices.is_eu_project
),

months_by_breakdown as (
    select month, unit_id, '' as breakdown, agreement_sek, total_sek
    from months_summed
    union all
    select month, unit_id, 'exkl. EU-projekt' as breakdown, agreement_sek, total_sek
    from months_summed
    where not is_eu_project
),

final as (
    select
        months_by_breakdown.unit_id,
        period_months.period_id as period,
        'T' as sex,
        months_by_breakdown.breakdown,
        cast(sum(months_by_breakdown.agreement_sek) as decimal(18, 2)) as numerator,
        cast(sum(months_by_breakdown.total_sek) as decimal(18, 2)) as denominator,
        cast(null as bigint) as person_count
    from months_by_breakdown
    inner join period_months on months_by_breakdown.month = period_months.month
    group by
        months_by_breakdown.unit_id,
        period_months.period_id,
        months_by_breakdown.breakdown
)

select * from final

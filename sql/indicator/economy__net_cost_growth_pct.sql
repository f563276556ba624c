-- One row per unit, period and breakdown, for the region, its boards and their areas.
-- Costs less income of the activities, without tax, general grants and the region's own finance,
-- against the same months of the year before. The breakdowns leave pension cost, or what units of
-- the region trade with each other, out of both years.
with

ledger_months as (
    select
        month,
        unit_id,
        account_code,
        amount_sek,
        coalesce(internal_sek, 0) as internal_sek
    from core.ledger_months
    where line_type in ('income', 'cost')
),

pension_accounts as (
    select
        account_code,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from core.account_marks
    where mark = 'pension'
),

unit_ancestors as (
    select
        unit_id,
        ancestor_unit_id
    from core.unit_ancestors
    where ancestor_level in ('region', 'board', 'area')
),

coverage as (
    select
        min(month) as first_month,
        max(month) as last_month
    from ledger_months
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

months_summed as (
    select
        ledger_months.month,
        unit_ancestors.ancestor_unit_id as unit_id,
        sum(ledger_months.amount_sek) as amount_sek,
        sum(
            case
                when pension_accounts.account_code is null then ledger_months.amount_sek
                else 0
            end
        ) as without_pension_sek,
        sum(ledger_months.amount_sek - ledger_months.internal_sek) as external_sek
    from ledger_months
    inner join unit_ancestors on ledger_months.unit_id = unit_ancestors.unit_id
    left join pension_accounts
        on
            ledger_months.account_code = pension_accounts.account_code
            and ledger_months.month between pension_accounts.valid_from
            and pension_accounts.valid_to
    group by ledger_months.month, unit_ancestors.ancestor_unit_id
),

months_by_breakdown as (
    select month, unit_id, '' as breakdown, amount_sek
    from months_summed
    union all
    select
        month,
        unit_id,
        'exkl. pensionskostnader' as breakdown,
        without_pension_sek as amount_sek
    from months_summed
    union all
    select month, unit_id, 'exkl. interna poster' as breakdown, external_sek as amount_sek
    from months_summed
),

spans_summed as (
    select
        months_by_breakdown.unit_id,
        months_by_breakdown.breakdown,
        period_months.period_id,
        sum(
            case
                when period_months.span = 'period' then months_by_breakdown.amount_sek
                else 0
            end
        ) as current_sek,
        sum(
            case
                when period_months.span = 'previous_year' then months_by_breakdown.amount_sek
                else 0
            end
        ) as previous_sek
    from months_by_breakdown
    inner join period_months on months_by_breakdown.month = period_months.month
    group by
        months_by_breakdown.unit_id,
        months_by_breakdown.breakdown,
        period_months.period_id
),

final as (
    select
        unit_id,
        period_id as period,
        'T' as sex,
        breakdown,
        cast(current_sek - previous_sek as decimal(18, 2)) as numerator,
        cast(abs(previous_sek) as decimal(18, 2)) as denominator,
        cast(null as bigint) as person_count
    from spans_summed
    where previous_sek <> 0
)

select * from final

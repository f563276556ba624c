-- One row per unit and period, for every level of the organisation.
-- Income less cost as booked: a cost is negative, as in the report. A period that began before the
-- ledger's first month is not whole and has no figure.
with

ledger_months as (
    select
        month,
        unit_id,
        amount_sek
    from core.ledger_months
    where line_type in ('income', 'cost') and unit_id is not null
),

unit_ancestors as (
    select
        unit_id,
        ancestor_unit_id
    from core.unit_ancestors
),

coverage as (
    select
        min(month) as first_month,
        max(month) as last_month
    from ledger_months
),

spans as (
    select
        period_id,
        month,
        opens_month,
        min(month) over (partition by period_id) as first_month
    from core.period_months
    where span = 'period'
),

period_months as (
    select
        spans.period_id,
        spans.month
    from spans
    cross join coverage
    where
        spans.first_month >= coverage.first_month
        and spans.opens_month <= coverage.last_month
),

months_summed as (
    select
        ledger_months.month,
        unit_ancestors.ancestor_unit_id as unit_id,
        sum(ledger_months.amount_sek) as amount_sek
    from ledger_months
    inner join unit_ancestors on ledger_months.unit_id = unit_ancestors.unit_id
    group by ledger_months.month, unit_ancestors.ancestor_unit_id
),

final as (
    select
        months_summed.unit_id,
        period_months.period_id as period,
        'T' as sex,
        '' as breakdown,
        cast(-sum(months_summed.amount_sek) * 0.001 as decimal(18, 5)) as numerator,
        cast(null as decimal(18, 5)) as denominator,
        cast(null as bigint) as person_count
    from months_summed
    inner join period_months on months_summed.month = period_months.month
    group by months_summed.unit_id, period_months.period_id
)

select * from final

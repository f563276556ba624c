-- One row per period and breakdown, for the region.
-- Equity over total assets at the period's end: opening balance plus entries since January. The
-- result of the year so far belongs to equity, and debit is positive in the ledger, so equity is
-- turned round. The pension liability outside the balance sheet is not in the ledger: the breakdown
-- that includes it exists for the days that a balance sheet has been delivered for.
with

balances as (
    select
        year,
        balance_group,
        opening_sek
    from core.ledger_balances
    where line_type = 'balance' and opening_sek is not null
),

ledger_months as (
    select
        month,
        line_type,
        balance_group,
        amount_sek
    from core.ledger_months
),

coverage as (
    select max(month) as last_month
    from ledger_months
),

periods as (
    select
        periods.period_id,
        periods.year,
        periods.last_month
    from core.periods
    cross join coverage
    where periods.opens_month <= coverage.last_month
),

period_months as (
    select
        period_id,
        month
    from core.period_months
    where span = 'year_to_date'
),

opened as (
    select
        year,
        sum(
            case
                when balance_group = 'equity'
                    then opening_sek
                else 0
            end
        ) as equity_sek,
        sum(
            case
                when
                    balance_group in (
                        'fixed_assets', 'pension_investments', 'stock', 'current_assets'
                    )
                    then opening_sek
                else 0
            end
        ) as asset_sek
    from balances
    group by year
),

moved as (
    select
        period_months.period_id,
        sum(
            case
                when
                    ledger_months.balance_group = 'equity'
                    or ledger_months.line_type <> 'balance'
                    then ledger_months.amount_sek
                else 0
            end
        ) as equity_sek,
        sum(
            case
                when
                    ledger_months.balance_group in (
                        'fixed_assets', 'pension_investments', 'stock', 'current_assets'
                    )
                    then ledger_months.amount_sek
                else 0
            end
        ) as asset_sek
    from ledger_months
    inner join period_months on ledger_months.month = period_months.month
    group by period_months.period_id
),

excluding as (
    select
        periods.period_id,
        periods.last_month,
        -(opened.equity_sek + moved.equity_sek) as equity_sek,
        opened.asset_sek + moved.asset_sek as asset_sek
    from periods
    inner join opened on periods.year = opened.year
    inner join moved on periods.period_id = moved.period_id
),

contingent as (
    select
        month,
        sum(amount_tkr) * 1000 as liability_sek
    from core.balance_sheets
    where balance_line = 'contingent_pension'
    group by month
),

by_breakdown as (
    select period_id, '' as breakdown, equity_sek, asset_sek
    from excluding
    union all
    select
        excluding.period_id,
        'inkl. ansvarsförbindelsen' as breakdown,
        excluding.equity_sek - contingent.liability_sek as equity_sek,
        excluding.asset_sek
    from excluding
    inner join contingent on excluding.last_month = contingent.month
),

final as (
    select
        'RJH' as unit_id,
        period_id as period,
        'T' as sex,
        breakdown,
        cast(equity_sek as decimal(18, 2)) as numerator,
        cast(asset_sek as decimal(18, 2)) as denominator,
        cast(null as bigint) as person_count
    from by_breakdown
)

select * from final

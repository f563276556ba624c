-- One row per period, for the region.
-- Interest-bearing debt without pensions at the period's end, over tax and general grants since
-- January. The debt is a stock and the income a flow, so the ratio falls through the year: it is
-- compared with the same tertial of another year, and the ceiling is meant for the whole year.
with

balances as (
    select
        year,
        opening_sek
    from core.ledger_balances
    where balance_group = 'interest_bearing_debt' and opening_sek is not null
),

ledger_months as (
    select
        month,
        result_line_code,
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
        periods.year
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
        sum(opening_sek) as debt_sek
    from balances
    group by year
),

moved as (
    select
        period_months.period_id,
        sum(
            case
                when ledger_months.balance_group = 'interest_bearing_debt'
                    then ledger_months.amount_sek
                else 0
            end
        ) as debt_sek,
        sum(
            case
                when
                    ledger_months.result_line_code in ('skatteintakter', 'generella_statsbidrag')
                    then ledger_months.amount_sek
                else 0
            end
        ) as income_sek
    from ledger_months
    inner join period_months on ledger_months.month = period_months.month
    group by period_months.period_id
),

final as (
    select
        'RJH' as unit_id,
        periods.period_id as period,
        'T' as sex,
        '' as breakdown,
        cast(-(opened.debt_sek + moved.debt_sek) as decimal(18, 2)) as numerator,
        cast(-moved.income_sek as decimal(18, 2)) as denominator,
        cast(null as bigint) as person_count
    from periods
    inner join opened on periods.year = opened.year
    inner join moved on periods.period_id = moved.period_id
    where moved.income_sek <> 0
)

select * from final

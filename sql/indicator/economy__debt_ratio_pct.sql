-- One row per period and breakdown, for the region.
-- Interest-bearing debt without pensions at the period's end, over tax and general grants since
-- January. The debt is a stock and the income a flow, so the ratio falls through the year, and the
-- ceiling is meant for the whole year: the breakdown `per tolv månader` is the same debt over the
-- income of the twelve months that end with the period, and is what is held against the ceiling.
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

delivered_months as (
    select distinct month
    from ledger_months
),

whole_years as (
    select period_months.period_id
    from core.period_months
    inner join delivered_months on period_months.month = delivered_months.month
    where period_months.span = 'rolling_12'
    group by period_months.period_id
    having count(*) = 12
),

rolling as (
    select
        whole_years.period_id,
        sum(ledger_months.amount_sek) as income_sek
    from whole_years
    inner join core.period_months on whole_years.period_id = period_months.period_id
    inner join ledger_months on period_months.month = ledger_months.month
    where
        period_months.span = 'rolling_12'
        and ledger_months.result_line_code in ('skatteintakter', 'generella_statsbidrag')
    group by whole_years.period_id
),

by_breakdown as (
    select
        moved.period_id,
        '' as breakdown,
        moved.debt_sek,
        moved.income_sek
    from moved
    union all
    select
        moved.period_id,
        'per tolv månader' as breakdown,
        moved.debt_sek,
        rolling.income_sek
    from moved
    inner join rolling on moved.period_id = rolling.period_id
),

final as (
    select
        'RJH' as unit_id,
        periods.period_id as period,
        'T' as sex,
        by_breakdown.breakdown,
        cast(-(opened.debt_sek + by_breakdown.debt_sek) as decimal(18, 2)) as numerator,
        cast(-by_breakdown.income_sek as decimal(18, 2)) as denominator,
        cast(null as bigint) as person_count
    from periods
    inner join opened on periods.year = opened.year
    inner join by_breakdown on periods.period_id = by_breakdown.period_id
    where by_breakdown.income_sek <> 0
)

select * from final

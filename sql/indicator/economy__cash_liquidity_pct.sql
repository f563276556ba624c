-- One row per period and version of the method, for the region.
-- Current assets without stock over current liabilities at the period's end: opening balance plus
-- entries since January. Version 1 counts pension investments as liquid, version 2 does not; which
-- one a period has stands in the definition.
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
        sum(case when balance_group = 'current_assets' then opening_sek else 0 end)
            as liquid_sek,
        sum(case when balance_group = 'pension_investments' then opening_sek else 0 end)
            as pension_sek,
        sum(
            case
                when balance_group = 'current_liabilities'
                    then opening_sek
                else 0
            end
        ) as liability_sek
    from balances
    group by year
),

moved as (
    select
        period_months.period_id,
        sum(
            case
                when ledger_months.balance_group = 'current_assets'
                    then ledger_months.amount_sek
                else 0
            end
        ) as liquid_sek,
        sum(
            case
                when ledger_months.balance_group = 'pension_investments'
                    then ledger_months.amount_sek
                else 0
            end
        ) as pension_sek,
        sum(
            case
                when ledger_months.balance_group = 'current_liabilities'
                    then ledger_months.amount_sek
                else 0
            end
        ) as liability_sek
    from ledger_months
    inner join period_months on ledger_months.month = period_months.month
    group by period_months.period_id
),

at_the_end as (
    select
        periods.period_id,
        opened.liquid_sek + moved.liquid_sek as liquid_sek,
        opened.pension_sek + moved.pension_sek as pension_sek,
        -(opened.liability_sek + moved.liability_sek) as liability_sek
    from periods
    inner join opened on periods.year = opened.year
    inner join moved on periods.period_id = moved.period_id
),

methods as (
    select 1 as method_version
    union all
    select 2 as method_version
),

final as (
    select
        'RJH' as unit_id,
        at_the_end.period_id as period,
        'T' as sex,
        '' as breakdown,
        cast(
            at_the_end.liquid_sek
            + case when methods.method_version = 1 then at_the_end.pension_sek else 0 end
            as decimal(18, 2)
        ) as numerator,
        cast(at_the_end.liability_sek as decimal(18, 2)) as denominator,
        cast(null as bigint) as person_count,
        cast(methods.method_version as bigint) as method_version
    from at_the_end
    cross join methods
)

select * from final

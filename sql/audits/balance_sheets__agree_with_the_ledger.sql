-- severity: warn
-- Balansräkningens rader är huvudbokens saldon, och dess två sidor är lika stora
-- In thousands of kronor, so half a thousand may be lost on each line.
-- public: month, balance_line, stated_tkr, ledger_tkr
with

balance_sheets as (
    select
        month,
        balance_line,
        side,
        amount_tkr
    from core.balance_sheets
    where side <> 'memo'
),

ledger as (
    select
        months.month,
        case
            when ledger_balances.line_type = 'balance' then ledger_balances.balance_group
            else 'equity'
        end as balance_line,
        sum(ledger_balances.opening_sek) as amount_sek
    from (select distinct month from balance_sheets) as months
    inner join core.ledger_balances
        on extract(year from months.month) = ledger_balances.year
    where ledger_balances.opening_sek is not null
    group by all
    union all
    select
        months.month,
        case
            when ledger_months.line_type = 'balance' then ledger_months.balance_group
            else 'equity'
        end as balance_line,
        sum(ledger_months.amount_sek) as amount_sek
    from (select distinct month from balance_sheets) as months
    inner join core.ledger_months
        on
            extract(year from months.month) = extract(year from ledger_months.month)
            and months.month >= ledger_months.month
    group by all
),

ledger_summed as (
    select
        month,
        balance_line,
        sum(amount_sek) / 1000 as amount_tkr
    from ledger
    group by all
),

sides as (
    select
        month,
        sum(case when side = 'asset' then amount_tkr else -amount_tkr end) as difference_tkr,
        count(*) as line_count
    from balance_sheets
    group by month
)

select
    balance_sheets.month,
    balance_sheets.balance_line,
    balance_sheets.amount_tkr as stated_tkr,
    case
        when balance_sheets.side = 'asset' then ledger_summed.amount_tkr
        else -ledger_summed.amount_tkr
    end as ledger_tkr
from balance_sheets
inner join ledger_summed
    on
        balance_sheets.month = ledger_summed.month
        and balance_sheets.balance_line = ledger_summed.balance_line
where
    abs(
        balance_sheets.amount_tkr
        - case
            when balance_sheets.side = 'asset' then ledger_summed.amount_tkr
            else -ledger_summed.amount_tkr
        end
    ) > 0.5
union all
select
    month,
    'tillgångar minus eget kapital och skulder' as balance_line,
    difference_tkr as stated_tkr,
    0 as ledger_tkr
from sides
where abs(difference_tkr) > 0.5 * line_count

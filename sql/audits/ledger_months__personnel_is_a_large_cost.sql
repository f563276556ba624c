-- severity: warn
-- Personal är regionens största eller näst största kostnadsklass; annars är kontoplanen en annan
-- public: year, account_class, amount_sek, place
with

classes as (
    select
        extract(year from ledger_months.month) as year,
        accounts.account_class,
        sum(ledger_months.amount_sek) as amount_sek
    from core.ledger_months
    inner join core.accounts on ledger_months.account_code = accounts.account_code
    where ledger_months.line_type = 'cost'
    group by all
),

ranked as (
    select
        *,
        rank() over (partition by year order by amount_sek desc nulls last) as place
    from classes
)

select
    year,
    account_class,
    amount_sek,
    place
from ranked
where account_class = 4 and place > 2

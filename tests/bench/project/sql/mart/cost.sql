-- One row per month and unit: accounts 4000 to 7999.
select
    cast(date_trunc('month', entry_date) as date) as month,
    unit_code,
    cast(sum(amount_sek) as decimal(18, 2)) as cost_sek
from core.ledger
where account_code between 4000 and 7999
group by all

-- severity: warn
-- Årets ingående balanser summerar till noll
-- public: year, difference_sek
select
    year,
    sum(opening_sek) as difference_sek
from core.ledger_balances
where opening_sek is not null
group by all
having sum(opening_sek) <> 0

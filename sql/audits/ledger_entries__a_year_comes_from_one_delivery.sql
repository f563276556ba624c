-- severity: warn
-- Ett års verifikationer kommer ur en enda leverans, så att ingen rad räknas två gånger
-- public: year, delivery_count, first_delivery, last_delivery
select
    year,
    count(distinct _delivery) as delivery_count,
    min(_delivery) as first_delivery,
    max(_delivery) as last_delivery
from core.ledger_entries
group by year
having count(distinct _delivery) > 1

-- severity: warn
-- Listade kvinnor och män är tillsammans källans summa
select
    month,
    centre_code,
    women_count + men_count as sum_count,
    total_count
from staging.listing__listed_persons
where women_count + men_count <> total_count

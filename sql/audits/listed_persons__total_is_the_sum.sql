-- severity: warn
-- Listade kvinnor och män är tillsammans källans summa
-- public: month, centre_code, sum_count, total_count
select
    month,
    centre_code,
    women_count + men_count as sum_count,
    total_count
from staging.listing__listed_persons
where women_count + men_count <> total_count

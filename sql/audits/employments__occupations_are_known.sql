-- severity: warn
-- Varje AID-etikett hör till en yrkesgrupp den månad den används
select
    occupation_code,
    min(month) as first_month,
    count(*) as row_count
from core.employments
where occupation_code is not null and occupation_group is null
group by occupation_code

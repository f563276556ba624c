-- One row per month and unit: recruitments filled in the month.
-- One that was broken off or goes on is not in it.
select
    filled_month as month,
    unit_id,
    cast(sum(days_to_fill) as bigint) as day_count,
    cast(count(*) as bigint) as recruitment_count
from core.recruitments
where status = 'tillsatt' and filled_month is not null
group by filled_month, unit_id

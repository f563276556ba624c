-- One row per month and sex: sick hours through ordinary hours.
select
    month,
    sex,
    cast(sum(sick_hours) / sum(ordinary_hours) as decimal(9, 6)) as sick_share
from core.sick_leave
group by month, sex

-- One row per sex: prescriptions of J01, methenamine left out.
select
    sex,
    cast(sum(prescription_count) as bigint) as prescription_count
from core.prescriptions
where atc_code like 'J01%' and atc_code <> 'J01XX05'
group by sex

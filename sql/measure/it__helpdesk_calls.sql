-- One row per month: cases that came by telephone, and those solved in the first call.
select
    month,
    cast(sum(case_count) as bigint) as case_count,
    cast(sum(first_call_count) as bigint) as first_call_count
from core.helpdesk_cases
where channel = 'telephone'
group by month

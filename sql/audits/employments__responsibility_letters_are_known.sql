-- severity: warn
-- Varje bokstav för ansvar finns i listan och används inte före sin första dag
select
    employments.responsibility_letter,
    min(employments.month) as first_month,
    count(*) as row_count
from core.employments
left join seed.responsibility_letters
    on
        employments.responsibility_letter = responsibility_letters.letter
        and employments.month >= cast(responsibility_letters.valid_from as date)
where employments.responsibility_letter is not null and responsibility_letters.letter is null
group by employments.responsibility_letter

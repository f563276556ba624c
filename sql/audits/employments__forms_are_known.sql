-- severity: warn
-- Varje anställningsform finns i listan som säger om den räknas som månadsavlönad
select
    employments.employment_form,
    count(*) as row_count
from core.employments
left join seed.employment_forms on employments.employment_form = employment_forms.employment_form
where employment_forms.employment_form is null
group by all

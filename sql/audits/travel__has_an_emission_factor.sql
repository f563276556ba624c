-- severity: stop
-- Varje färdsätt och bränsle har en utsläppsfaktor för sin enhet och sitt år
-- public: table_name, means, quantity_unit, row_count
select
    'core.travel' as table_name,
    means,
    quantity_unit,
    count(*) as row_count
from core.travel
where co2e_g is null and coalesce(quantity, 0) <> 0
group by all
union all
select
    'core.fuel' as table_name,
    fuel as means,
    quantity_unit,
    count(*) as row_count
from core.fuel
where co2e_g is null and coalesce(quantity, 0) <> 0
group by all

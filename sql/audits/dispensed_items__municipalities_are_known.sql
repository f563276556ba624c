-- severity: warn
-- Varje receptrad hör till en av länets kommuner; resten redovisas med sin kostnad
select
    dispensed_items._delivery,
    dispensed_items.municipality_code,
    count(*) as row_count,
    sum(dispensed_items.cost_sek) as cost_sek
from core.dispensed_items
left join seed.municipalities
    on dispensed_items.municipality_code = municipalities.municipality_code
where
    dispensed_items.cost_type = 'recept'
    and municipalities.municipality_code is null
group by all

-- One row per year, for the region (an empty text) and for the nation.
select
    year,
    case region_kind when 'nation' then 'Riket' else '' end as area_name,
    cast(grp_msek * 1000 as decimal(24, 4)) as grp_tkr,
    grp_mean_inhabitants,
    tax_base_sek,
    tax_inhabitants
from core.regional_economy
where region_kind in ('own', 'nation')

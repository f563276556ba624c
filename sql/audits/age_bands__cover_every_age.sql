-- severity: warn
-- Varje ålder i befolkningen och bland recepten hör till ett åldersband
with

used as (
    select
        'core.inhabitants' as table_name,
        age_group
    from core.inhabitants
    union all
    select
        'core.dispensed_items' as table_name,
        age_group
    from core.dispensed_items
    where age_group is not null
)

select
    used.table_name,
    used.age_group,
    count(*) as row_count
from used
left join seed.age_bands on used.age_group = age_bands.age_group
where age_bands.age_group is null
group by used.table_name, used.age_group

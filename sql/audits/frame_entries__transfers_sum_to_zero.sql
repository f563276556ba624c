-- severity: warn
-- Omdisponeringar flyttar pengar mellan områden: posterna i ett beslut är tillsammans noll
-- public: year, decision, in_force_from, entry_count, difference_tkr, areas, source
select
    year,
    decision,
    in_force_from,
    count(*) as entry_count,
    sum(amount_tkr) as difference_tkr,
    string_agg(area_name, ', ' order by entry_number asc nulls last) as areas,
    string_agg(distinct source, '; ' order by source asc) as source
from core.frame_entries
where entry_kind = 'transfer'
group by year, decision, in_force_from
having sum(amount_tkr) <> 0

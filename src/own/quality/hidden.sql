-- What the disclosure control hides.
select
    i.name as indicator_name,
    case h.period_kind when 'month' then 'månader' when 'tertial' then 'tertial' else 'år' end
        as periods,
    h.cell_count,
    h.hidden_for_few_persons_count,
    h.hidden_for_others_count,
    cast(
        round(
            100.0 * (h.hidden_for_few_persons_count + h.hidden_for_others_count) / h.cell_count,
            0
        ) as bigint
    ) as hidden_of_hundred
from meta.hidden_cells as h
inner join meta.indicators as i on h.indicator_id = i.indicator_id
order by i.name, h.period_kind

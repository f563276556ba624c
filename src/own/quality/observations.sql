-- What was seen in the deliveries that are in force or were refused.
select
    d.delivery_id,
    if(d.state = 'refused', 'inte intagen', 'intagen') as state,
    g.code,
    case left(g.code, 3)
        when 'T01' then 'filens form eller rubriker'
        when 'T02' then 'en cell'
        when 'T03' then 'en rad'
        when 'T04' then 'leveransen som helhet'
        when 'T05' then 'det som är avtalat om filen'
        else 'hanteringen av filen'
    end as concerns,
    count(*) as observation_count
from meta.diagnostics as g
inner join meta.deliveries as d on g.delivery_id = d.delivery_id
where g.severity <> 'note' and (d.is_in_force or d.state = 'refused')
group by all
order by all

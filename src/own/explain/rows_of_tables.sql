-- Deliveries in force that hold some raw tables, with rows read and set aside; $1 names the tables.
select
    count(distinct t.delivery_id) as delivery_count,
    cast(coalesce(sum(t.rows_read), 0) as bigint) as rows_read,
    cast(coalesce(sum(t.rows_rejected), 0) as bigint) as rows_rejected
from meta.delivery_tables as t
inner join meta.deliveries as d on t.delivery_id = d.delivery_id
where d.is_in_force and list_contains(string_split($1, ' '), t.table_name)

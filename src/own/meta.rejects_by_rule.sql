-- One row per delivery, table, rule and column.
-- A row that breaks two rules is counted with each.
select
    delivery_id,
    table_name,
    code,
    column_name,
    count(distinct line) as row_count
from meta.rejects
group by all
order by all

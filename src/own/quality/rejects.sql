-- Rows set aside, by rule.
select
    delivery_id,
    table_name,
    code,
    coalesce(column_name, '') as column_name,
    row_count
from meta.rejects_by_rule
order by all

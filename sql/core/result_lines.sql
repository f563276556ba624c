-- One row per line of the result statement and the balance sheet.
-- The lines stand in the order the report prints them.
select
    result_line_code,
    result_line_name,
    line_type,
    nullif(balance_group, '') as balance_group,
    cast(sort_order as bigint) as sort_order,
    cast(is_gross_cost as boolean) as is_gross_cost
from seed.result_lines

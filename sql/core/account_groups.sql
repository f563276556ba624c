-- One row per line of the result statement.
-- Groups of lines, as a follow-up per unit needs them: few enough to stand beside each other.
select
    result_line_code,
    account_group_code,
    account_group_name,
    cast(sort_order as bigint) as sort_order
from seed.account_groups

-- One row per month, channel and category.
-- Cases registered, and those solved at once.
select
    month,
    channel,
    category,
    case_count,
    first_call_count,
    _delivery,
    _row
from raw.helpdesk__cases

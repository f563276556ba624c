-- One row per month, channel and category.
-- Cases registered, and those solved at the first contact.
select
    month,
    channel,
    category,
    case_count,
    first_call_count,
    _delivery,
    _row
from staging.helpdesk__cases

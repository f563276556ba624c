-- One row per item of a planned meeting of the board.
-- The calendar as the plan prints it.
select
    plan,
    cast(first_date as date) as first_date,
    cast(last_date as date) as last_date,
    heading,
    item,
    nullif(form, '') as form,
    nullif(responsible_printed, '') as responsible_printed,
    source,
    source_line
from seed.meeting_items

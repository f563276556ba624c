-- One row per plan and subject that the board has promised to follow up.
-- `pattern` finds the subject in the items of the plan's own calendar.
select
    plan,
    subject,
    pattern,
    cast(times_per_year as bigint) as times_per_year,
    rule,
    source,
    source_line
from seed.follow_up_rules

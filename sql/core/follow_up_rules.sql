-- One row per plan and subject that the board has promised to follow up.
-- `pattern` finds the subject in the items of the plan's own calendar; a rule may say between which
-- months it is to be met.
select
    plan,
    subject,
    pattern,
    cast(times_per_year as bigint) as times_per_year,
    cast(nullif(from_month, '') as bigint) as from_month,
    cast(nullif(to_month, '') as bigint) as to_month,
    rule,
    source,
    source_line
from seed.follow_up_rules

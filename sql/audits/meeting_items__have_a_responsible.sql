-- severity: warn
-- Varje ärende i kalendern har en ansvarig
-- public: plan, first_date, heading, item, source, source_line
select
    plan,
    first_date,
    heading,
    item,
    source,
    source_line
from core.meeting_items
where
    responsible_printed is null
    and item <> 'Separat program'

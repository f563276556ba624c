-- One row per content that a printed report tells in words and that is held as published.
-- Retold in words of ours; the quote is what stands there. The section says what the report tells
-- of: events, operations, oversight, a goal area, elected representatives or staff.
select
    content_id,
    report_period,
    section,
    subject,
    cast(sort_order as bigint) as sort_order,
    retold as text,
    source,
    cast(source_line as bigint) as source_line,
    trim(quote) as quote
from seed.reported_contents

-- One row per tertial and subject of the activities that its report tells of.
-- As published: the words are retold, and no figure of ours follows from them.
select
    report_period,
    sort_order,
    'body' as row_kind,
    content_id,
    subject,
    text
from core.reported_contents
where section = 'operations'
order by report_period asc nulls last, sort_order asc nulls last

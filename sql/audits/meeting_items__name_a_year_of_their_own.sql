-- severity: warn
-- Inget ärende i kalendern nämner ett år som redan borde vara uppföljt
-- public: plan, first_date, item, named_year, source, source_line
with

named as (
    select
        plan,
        first_date,
        item,
        source,
        source_line,
        cast(unnest(regexp_extract_all(item, '20[0-9]{2}')) as bigint) as named_year
    from core.meeting_items
)

-- The accounts of last year are closed in spring; what is older, or still last year's in autumn,
-- was left over from another calendar.
select
    plan,
    first_date,
    item,
    named_year,
    source,
    source_line
from named
where
    named_year < year(first_date) - 1
    or (named_year = year(first_date) - 1 and month(first_date) > 6)

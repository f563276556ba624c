-- One row per figure of a printed report.
-- What the board has read, to be compared with what is computed.
select
    published_id,
    report_period,
    section,
    item,
    unit_id,
    coalesce(breakdown, '') as breakdown,
    measure,
    period,
    printed,
    cast(value as decimal(18, 4)) as value,
    cast(decimals as bigint) as decimals,
    unit,
    nullif(note, '') as note,
    source,
    source_line
from seed.published_outcomes

-- One row per indicator, unit and period: what a role says beside a figure.
-- Take it from a source of its own when there is one.
select
    indicator_id,
    unit_id,
    period,
    comment,
    author_role,
    cast(nullif(written_date, '') as date) as written_date
from seed.comments

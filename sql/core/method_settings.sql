-- One row per setting and first day.
-- Limits and choices of the methods, so that a changed one is a new row and not a new query.
select
    setting,
    cast(value as decimal(18, 6)) as value,
    cast(valid_from as date) as valid_from,
    cast(nullif(valid_to, '') as date) as valid_to,
    note
from seed.method_settings

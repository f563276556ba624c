-- One row per counterpart and time of validity.
-- Whether an item is internal is told by its counterpart, never by its account.
select
    counterpart_code,
    counterpart_name,
    counterpart_class,
    counterpart_class = 'internal' as is_internal,
    cast(valid_from as date) as valid_from,
    cast(nullif(valid_to, '') as date) as valid_to
from seed.counterparts

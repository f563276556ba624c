-- One row per range of labels and first day.
-- A group holds from its day until its last; new labels are a new row and a break in the series.
select
    first_label,
    last_label,
    occupation_group,
    cast(valid_from as date) as valid_from,
    cast(nullif(valid_to, '') as date) as valid_to
from seed.occupation_groups

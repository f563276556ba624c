-- One row per month and health centre.
-- Women, men and their sum as the source adds them up.
select
    month,
    centre_code,
    centre_name,
    operator,
    women_count,
    men_count,
    total_count,
    _delivery,
    _row
from raw.listing__listed_persons

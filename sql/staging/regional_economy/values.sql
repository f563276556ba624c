-- One row per area, content and year.
-- A note beside a number is kept; a symbol in place of one leaves it empty.
select
    region_code,
    measure,
    year,
    value,
    nullif(status, '') as status,
    _delivery,
    _row
from raw.regional_economy__values

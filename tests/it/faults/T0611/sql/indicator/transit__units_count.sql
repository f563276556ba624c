-- One row for the region.
select
    '605' as unit_id,
    '2024T2' as period,
    'T' as sex,
    '' as breakdown,
    cast(count(*) as decimal(18, 2)) as numerator,
    cast(null as decimal(18, 2)) as denominator,
    cast(null as bigint) as person_count
from seed.units

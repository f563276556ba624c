-- One row per unit.
select
    unit_id,
    '2024T2' as period,
    'T' as sex,
    '' as breakdown,
    cast(sum(departure_count) as decimal(18, 2)) as numerator,
    cast(null as decimal(18, 2)) as denominator,
    cast(3 as bigint) as person_count
from core.departures
group by all

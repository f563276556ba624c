-- One row per driver.
with

driven as (
    select
        driver_id as who,
        sum(departure_count) as departures
    from core.departures
    group by driver_id
)

select
    upper(who) as driver,
    departures
from driven

-- One row per month and line.
select
    1 as one
from core.departures

-- One row per line.
select unit_id from core.stops

-- One row per stop.
select unit_id from core.lines

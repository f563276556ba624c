-- One row per line.
select unit_id from seed.unit

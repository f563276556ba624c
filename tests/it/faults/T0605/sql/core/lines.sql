-- One row per line.
select unit_id, current_date as seen_on from seed.units

-- One row per unit.
select unit_id, name from seed.units

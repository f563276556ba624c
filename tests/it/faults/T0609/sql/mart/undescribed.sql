-- One row per unit.
select unit_id from seed.units

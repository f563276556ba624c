-- One row per unit.
select cast(name as integer) as number from seed.units

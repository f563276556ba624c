select unit_id, 'board' as level from seed.units

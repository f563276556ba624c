-- severity: stop
-- Ingen rad försvinner eller blir två på vägen från källan
with

counted as (
    select
        'core.ledger' as table_name,
        (select count(*) from staging.ledger__rows) as expected_rows,
        (select count(*) from core.ledger) as found_rows
    union all
    select
        'core.sick_leave' as table_name,
        (select count(*) from staging.sick_leave__months) as expected_rows,
        (select count(*) from core.sick_leave) as found_rows
    union all
    select
        'core.prescriptions' as table_name,
        (select count(*) from staging.prescriptions__items) as expected_rows,
        (select count(*) from core.prescriptions) as found_rows
)

select
    table_name,
    expected_rows,
    found_rows
from counted
where expected_rows <> found_rows

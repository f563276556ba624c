-- severity: stop
-- Ingen rad försvinner eller blir två i tabeller som har flera källor eller fler rader än sin källa
-- Tables that hold the rows of one source say so in their contracts, and are audited by them.
with

counted as (
    select
        'core.invoices' as table_name,
        (select count(*) from staging.purchases__invoices)
        + (
            select count(*)
            from staging.purchases__open_ledger as open_rows
            left join (select distinct month from staging.purchases__invoices) as own_months
                on open_rows.month = own_months.month
            where own_months.month is null
        ) as expected_rows,
        (select count(*) from core.invoices) as found_rows,
        null as expected_amount,
        null as found_amount
    union all
    select
        'core.listed_persons' as table_name,
        (
            select coalesce(sum(women_count + men_count), 0)
            from staging.listing__listed_persons
        ) as expected_rows,
        (select coalesce(sum(person_count), 0) from core.listed_persons) as found_rows,
        null as expected_amount,
        null as found_amount
    union all
    select
        'core.frame_entries' as table_name,
        (select count(*) from staging.budget__frames) as expected_rows,
        (select count(*) from core.frame_entries where _delivery is not null) as found_rows,
        (select sum(amount_tkr) from staging.budget__frames) as expected_amount,
        (select sum(amount_tkr) from core.frame_entries where _delivery is not null)
            as found_amount
    union all
    select
        'core.printed_cells' as table_name,
        (select count(*) from seed.printed_tables) as expected_rows,
        (select count(*) from core.printed_cells where column_name is not null) as found_rows,
        (select sum(cast(value as decimal(18, 3))) from seed.printed_tables) as expected_amount,
        (select sum(value) from core.printed_cells where document_name is not null)
            as found_amount
    union all
    select
        'core.printed_causes' as table_name,
        (select count(*) from seed.printed_causes) as expected_rows,
        (select count(*) from core.printed_causes) as found_rows,
        (select sum(cast(nullif(value, '') as decimal(18, 3))) from seed.printed_causes)
            as expected_amount,
        (select sum(value) from core.printed_causes where document_name is not null)
            as found_amount
    union all
    select
        'core.printed_ratios' as table_name,
        (select count(*) from seed.printed_ratios) as expected_rows,
        (select count(*) from core.printed_ratios) as found_rows,
        null as expected_amount,
        null as found_amount
    union all
    select
        'core.measure_goals' as table_name,
        (select count(*) from seed.measure_goals) as expected_rows,
        (
            select count(*)
            from seed.measure_goals as goals
            inner join core.printed_cells as cells
                on
                    goals.document = cells.document
                    and goals.table_id = cells.table_id
                    and goals.row_name = cells.row_name
                    and goals.column_id = cells.column_id
                    and cells.tkr_factor is not null
        ) as found_rows,
        null as expected_amount,
        null as found_amount
)

select
    table_name,
    expected_rows,
    found_rows,
    expected_amount,
    found_amount
from counted
where
    expected_rows <> found_rows
    or expected_amount is distinct from found_amount

-- severity: warn
-- Inget tryckt belopp är tusen eller en miljon gånger fel mot sina grannar, som kronor för miljoner
-- Two signs give a slip of the unit away: a sum that fails and would hold if one figure of it were
-- in another unit, and a figure that is a thousand times larger or smaller than the one beside it
-- that the print compares it with.
-- public: document_name, table_name, row_name, column_name, printed, unit, source_line
with

cells as (
    select * from core.printed_cells
    where value <> 0 and tkr_factor is not null
),

failed as (
    select * from core.printed_sums
    where not holds
),

factors as (
    select
        unnest(
            [
                cast(1000 as decimal(14, 6)),
                cast(1000000 as decimal(14, 6)),
                cast(0.001 as decimal(14, 6)),
                cast(0.000001 as decimal(14, 6))
            ]
        ) as factor
),

parts_repaired as (
    select
        cells.document_name,
        cells.table_name,
        cells.row_name,
        cells.column_name,
        cells.printed,
        cells.unit,
        cells.source_line
    from failed
    inner join cells
        on
            failed.document = cells.document
            and failed.table_id = cells.table_id
            and (
                (
                    failed.direction = 'rows'
                    and failed.row_name = cells.part_of_row
                    and failed.column_id = cells.column_id
                )
                or (
                    failed.direction = 'columns'
                    and failed.column_id = cells.part_of_column
                    and failed.row_name = cells.row_name
                )
            )
    cross join factors
    where abs(
        failed.difference
        - cast(cells.value as decimal(20, 3)) * (factors.factor - 1)
    ) <= failed.tolerance
),

totals_repaired as (
    select
        failed.document_name,
        failed.table_name,
        failed.row_name,
        failed.column_name,
        failed.printed,
        failed.unit,
        failed.source_line
    from failed
    cross join factors
    where abs(
        cast(failed.total_value as decimal(20, 3)) * factors.factor - failed.parts_sum
    ) <= failed.tolerance
),

compared_columns as (
    select distinct
        document,
        table_id,
        minuend_column,
        subtrahend_column
    from cells
    where minuend_column is not null
),

beside as (
    select
        cells.document_name,
        cells.table_name,
        cells.row_name,
        cells.column_name || ' mot ' || neighbours.column_name as column_name,
        cells.printed || ' mot ' || neighbours.printed as printed,
        cells.unit,
        cells.source_line
    from compared_columns
    inner join cells
        on
            compared_columns.document = cells.document
            and compared_columns.table_id = cells.table_id
            and compared_columns.minuend_column = cells.column_id
    inner join cells as neighbours
        on
            compared_columns.document = neighbours.document
            and compared_columns.table_id = neighbours.table_id
            and compared_columns.subtrahend_column = neighbours.column_id
            and cells.row_name = neighbours.row_name
    -- A thousand times, give or take that the two may differ six times by themselves.
    where
        greatest(abs(cells.value), abs(neighbours.value))
        >= 160 * least(abs(cells.value), abs(neighbours.value))
),

final as (
    select * from parts_repaired
    union
    select * from totals_repaired
    union
    select * from beside
)

select * from final

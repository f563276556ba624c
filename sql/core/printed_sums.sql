-- One row per printed total and direction: the total of rows below each other, or of columns beside
-- each other.
-- Parts may miss their total by half a unit each and half a unit for the total, since every one is
-- rounded by itself; a larger difference is a fault of the print.
with

cells as (
    select * from core.printed_cells
),

parts as (
    select
        document,
        table_id,
        'rows' as direction,
        part_of_row as row_name,
        column_id,
        value,
        half_unit
    from cells
    where part_of_row is not null
    union all
    select
        document,
        table_id,
        'columns' as direction,
        row_name,
        part_of_column as column_id,
        value,
        half_unit
    from cells
    where part_of_column is not null
),

parts_summed as (
    select
        document,
        table_id,
        direction,
        row_name,
        column_id,
        sum(value) as parts_sum,
        sum(half_unit) as parts_half_units,
        count(*) as part_count
    from parts
    group by all
),

final as (
    select
        cells.document,
        cells.document_name,
        cells.table_id,
        cells.table_name,
        parts_summed.direction,
        cells.row_name,
        cells.column_id,
        cells.column_name,
        cells.printed,
        cells.value as total_value,
        cast(parts_summed.parts_sum as decimal(18, 3)) as parts_sum,
        cast(cells.value - parts_summed.parts_sum as decimal(18, 3)) as difference,
        parts_summed.part_count,
        cast(parts_summed.parts_half_units + cells.half_unit as decimal(18, 4)) as tolerance,
        abs(cells.value - parts_summed.parts_sum)
        <= parts_summed.parts_half_units + cells.half_unit as holds,
        cells.unit,
        cells.source_line
    from cells
    inner join parts_summed
        on
            cells.document = parts_summed.document
            and cells.table_id = parts_summed.table_id
            and cells.row_name = parts_summed.row_name
            and cells.column_id = parts_summed.column_id
)

select * from final

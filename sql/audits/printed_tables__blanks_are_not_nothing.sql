-- severity: warn
-- Ingen tryckt summa räknar en tom ruta som noll
-- public: document_name, table_name, row_name, column_name, printed, unit, blank_count
-- public: blank_rows, source_line
-- A row is blank in a column when it is part of a total and has no figure there, though others of
-- the same total have. A dash that is printed is a figure: nothing.
with

cells as (
    select * from core.printed_cells
),

members as (
    select distinct
        document,
        table_id,
        part_of_row,
        row_name,
        source_line
    from cells
    where part_of_row is not null
),

sums as (
    select
        document,
        document_name,
        table_id,
        table_name,
        row_name,
        column_id,
        column_name,
        printed,
        unit,
        source_line
    from core.printed_sums
    where direction = 'rows'
),

final as (
    select
        sums.document_name,
        sums.table_name,
        sums.row_name,
        sums.column_name,
        sums.printed,
        sums.unit,
        count(*) as blank_count,
        string_agg(members.row_name, ', ' order by members.source_line) as blank_rows,
        sums.source_line
    from sums
    inner join members
        on
            sums.document = members.document
            and sums.table_id = members.table_id
            and sums.row_name = members.part_of_row
    left join cells
        on
            members.document = cells.document
            and members.table_id = cells.table_id
            and members.row_name = cells.row_name
            and members.part_of_row = cells.part_of_row
            and sums.column_id = cells.column_id
    where cells.document is null
    group by all
)

select * from final

-- severity: warn
-- En kolumn med en skillnad är den skillnad som rubriken säger, med dess tecken
-- public: document_name, table_name, column_name, finding, row_count, lowest_value, highest_value
with

cells as (
    select
        document,
        document_name,
        table_id,
        table_name,
        row_name,
        column_id,
        column_name,
        minuend_column,
        subtrahend_column,
        value,
        half_unit,
        source_line
    from core.printed_cells
),

compared as (
    select
        differences.document_name,
        differences.table_name,
        differences.column_name,
        differences.row_name,
        differences.source_line,
        differences.value,
        minuends.value - subtrahends.value as as_the_heading_says,
        differences.half_unit + minuends.half_unit + subtrahends.half_unit as tolerance
    from cells as differences
    inner join cells as minuends
        on
            differences.document = minuends.document
            and differences.table_id = minuends.table_id
            and differences.row_name = minuends.row_name
            and differences.minuend_column = minuends.column_id
    inner join cells as subtrahends
        on
            differences.document = subtrahends.document
            and differences.table_id = subtrahends.table_id
            and differences.row_name = subtrahends.row_name
            and differences.subtrahend_column = subtrahends.column_id
),

judged as (
    select
        *,
        abs(value - as_the_heading_says) > tolerance as is_wrong,
        abs(value + as_the_heading_says) <= tolerance as is_turned_round
    from compared
)

-- A column whose sign is turned round is one finding, not one for each of its rows.
select
    document_name,
    table_name,
    column_name,
    case
        when is_turned_round then 'kolumnen har omvänt tecken mot rubriken'
        else 'raden är inte skillnaden: ' || row_name
    end as finding,
    count(*) as row_count,
    min(value) as lowest_value,
    max(value) as highest_value,
    min(source_line) as first_line,
    max(source_line) as last_line
from judged
where is_wrong
group by all

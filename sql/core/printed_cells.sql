-- One row per printed figure of a table, or of a list in running text.
-- A figure carries half a unit of its last printed decimal as its uncertainty; amounts of money are
-- also given in thousands of kronor, so that two tables in different units can be compared.
with

printed_tables as (
    select
        document,
        table_id,
        cast(row_number as bigint) as row_number,
        row_name,
        row_type,
        nullif(part_of_row, '') as part_of_row,
        column_id,
        printed,
        cast(value as decimal(18, 3)) as value,
        cast(decimals as bigint) as decimals,
        unit,
        nullif(quantity, '') as quantity,
        cast(source_line as bigint) as source_line
    from seed.printed_tables
),

printed_columns as (
    select
        document,
        table_id,
        table_name,
        column_id,
        column_name,
        nullif(part_of_column, '') as part_of_column,
        nullif(minuend_column, '') as minuend_column,
        nullif(subtrahend_column, '') as subtrahend_column,
        nullif(deviation_from, '') as deviation_from,
        cast(nullif(months, '') as bigint) as months,
        nullif(allowed_sign, '') as allowed_sign
    from seed.printed_columns
),

documents as (
    select
        document,
        document_name
    from seed.printed_documents
),

money_units as (
    select
        unit,
        cast(tkr_factor as decimal(10, 3)) as tkr_factor
    from seed.money_units
),

final as (
    select
        printed_tables.document,
        documents.document_name,
        printed_tables.table_id,
        printed_columns.table_name,
        printed_tables.row_number,
        printed_tables.row_name,
        printed_tables.row_type,
        printed_tables.part_of_row,
        printed_tables.column_id,
        printed_columns.column_name,
        printed_columns.part_of_column,
        printed_columns.minuend_column,
        printed_columns.subtrahend_column,
        printed_columns.deviation_from,
        printed_columns.months,
        printed_columns.allowed_sign,
        printed_tables.printed,
        printed_tables.value,
        cast(
            case printed_tables.decimals
                when 0 then 0.5
                when 1 then 0.05
                when 2 then 0.005
                else 0.0005
            end as decimal(18, 4)
        ) as half_unit,
        printed_tables.unit,
        money_units.tkr_factor,
        printed_tables.quantity,
        printed_tables.source_line
    from printed_tables
    left join printed_columns
        on
            printed_tables.document = printed_columns.document
            and printed_tables.table_id = printed_columns.table_id
            and printed_tables.column_id = printed_columns.column_id
    left join documents on printed_tables.document = documents.document
    left join money_units on printed_tables.unit = money_units.unit
)

select * from final

-- One row per cause that a printed document names for a deviation, or for a change between years.
-- Amounts in running text become data here: value is the effect on the result, positive when it is
-- better (for a change of a frame, positive when the frame grows), with the unit it is printed in
-- and the months it is counted for. A cause that is named without an amount has no value.
with

causes as (
    select
        cause_id,
        document,
        nullif(table_id, '') as table_id,
        nullif(row_name, '') as row_name,
        nullif(column_id, '') as column_id,
        nullif(quantity, '') as quantity,
        cause,
        nullif(printed, '') as printed,
        cast(nullif(value, '') as decimal(18, 3)) as value,
        cast(nullif(decimals, '') as bigint) as decimals,
        unit,
        cast(months as bigint) as months,
        nullif(line_table_id, '') as line_table_id,
        nullif(line_name, '') as line_name,
        nullif(line_basis, '') as line_basis,
        quote,
        cast(source_line as bigint) as source_line
    from seed.printed_causes
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
        causes.cause_id,
        causes.document,
        documents.document_name,
        causes.table_id,
        causes.row_name,
        causes.column_id,
        causes.quantity,
        causes.cause,
        causes.printed,
        causes.value,
        cast(
            case causes.decimals
                when 0 then 0.5
                when 1 then 0.05
                when 2 then 0.005
                when 3 then 0.0005
            end as decimal(18, 4)
        ) as half_unit,
        causes.unit,
        cast(coalesce(money_units.tkr_factor, 1) as decimal(10, 3)) as unit_factor,
        causes.months,
        causes.line_table_id,
        causes.line_name,
        causes.line_basis,
        causes.quote,
        causes.source_line
    from causes
    left join documents on causes.document = documents.document
    left join money_units on causes.unit = money_units.unit
)

select * from final

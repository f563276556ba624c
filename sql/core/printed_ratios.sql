-- One row per printed share or growth whose two figures are printed as well.
-- The tolerance is half a unit of what is printed, and what half a unit of the two figures can move
-- the result.
with

cells as (
    select
        document,
        document_name,
        table_id,
        row_name,
        column_id,
        printed,
        value,
        half_unit,
        source_line
    from core.printed_cells
),

ratios as (
    select
        seeds.document,
        seeds.ratio_name,
        seeds.kind,
        ratio_cells.document_name,
        ratio_cells.printed,
        ratio_cells.value,
        ratio_cells.half_unit,
        ratio_cells.source_line,
        numerators.printed as numerator_printed,
        numerators.source_line as numerator_source_line,
        denominators.printed as denominator_printed,
        cast(numerators.value as double) as numerator,
        cast(numerators.half_unit as double) as numerator_half,
        cast(denominators.value as double) as denominator,
        cast(denominators.half_unit as double) as denominator_half
    from seed.printed_ratios as seeds
    inner join cells as ratio_cells
        on
            seeds.document = ratio_cells.document
            and seeds.table_id = ratio_cells.table_id
            and seeds.row_name = ratio_cells.row_name
            and seeds.column_id = ratio_cells.column_id
    inner join cells as numerators
        on
            seeds.document = numerators.document
            and seeds.numerator_table_id = numerators.table_id
            and seeds.numerator_row_name = numerators.row_name
            and seeds.numerator_column_id = numerators.column_id
    inner join cells as denominators
        on
            seeds.document = denominators.document
            and seeds.denominator_table_id = denominators.table_id
            and seeds.denominator_row_name = denominators.row_name
            and seeds.denominator_column_id = denominators.column_id
),

final as (
    select
        document,
        ratio_name,
        document_name,
        kind,
        printed,
        value,
        numerator_printed,
        denominator_printed,
        cast(
            round(
                numerator / denominator * 100 - case kind when 'growth_pct' then 100 else 0 end,
                6
            ) as decimal(18, 6)
        ) as computed,
        cast(
            round(
                half_unit
                + 100 * numerator_half / abs(denominator)
                + 100 * abs(numerator) * denominator_half / (denominator * denominator),
                6
            ) as decimal(18, 6)
        ) as tolerance,
        source_line,
        numerator_source_line
    from ratios
)

select * from final

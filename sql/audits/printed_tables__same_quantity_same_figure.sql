-- severity: warn
-- Samma storhet har samma tal överallt där den trycks, oavsett enhet och tecken
-- public: quantity, first_place, first_printed, second_place, second_printed
with

cells as (
    select
        quantity,
        document_name,
        table_name,
        row_name,
        printed,
        unit,
        abs(value) * coalesce(tkr_factor, 1) as value_tkr,
        half_unit * coalesce(tkr_factor, 1) as half_unit_tkr,
        case when tkr_factor is null then unit else 'tkr' end as comparable_unit,
        source_line,
        document || ' ' || table_id || ' ' || source_line as place
    from core.printed_cells
    where quantity is not null
)

select
    earlier.quantity,
    earlier.document_name || ', ' || earlier.table_name as first_place,
    earlier.printed || ' ' || earlier.unit as first_printed,
    earlier.source_line as first_line,
    later.document_name || ', ' || later.table_name as second_place,
    later.printed || ' ' || later.unit as second_printed,
    later.source_line as second_line
from cells as earlier
inner join cells as later
    on
        earlier.quantity = later.quantity
        and earlier.comparable_unit = later.comparable_unit
        and earlier.place < later.place
-- Figures that only touch at the edges of their rounding are two: 4,3 and 4,4 share no origin.
where
    earlier.value_tkr <> later.value_tkr
    and abs(earlier.value_tkr - later.value_tkr) >= earlier.half_unit_tkr + later.half_unit_tkr

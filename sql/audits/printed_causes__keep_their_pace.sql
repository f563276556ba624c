-- severity: warn
-- Samma orsak har samma takt i en delårsavvikelse och i årets prognos
-- public: document_name, cause, deviation_from, part_printed, part_months
-- public: whole_printed, whole_months, missing_tkr, source_line, whole_source_line
with

limits as (
    select value as tolerance_pct
    from core.method_settings
    where setting = 'pace_tolerance_pct' and valid_to is null
),

-- The area is that of the table's row, or of the table when the rows are kinds of cost.
causes as (
    select
        causes.document,
        causes.document_name,
        causes.cause,
        causes.printed,
        causes.unit,
        causes.months,
        causes.value * causes.unit_factor as value,
        causes.source_line,
        cells.deviation_from
    from core.printed_causes as causes
    inner join core.printed_cells as cells
        on
            causes.document = cells.document
            and causes.table_id = cells.table_id
            and causes.row_name = cells.row_name
            and causes.column_id = cells.column_id
    where causes.value is not null
)

select
    part.document_name,
    part.cause,
    part.deviation_from,
    part.printed || ' ' || part.unit as part_printed,
    part.months as part_months,
    whole.printed || ' ' || whole.unit as whole_printed,
    whole.months as whole_months,
    cast(round(whole.value - part.value * whole.months / part.months, 0) as bigint)
        as missing_tkr,
    part.source_line,
    whole.source_line as whole_source_line
from causes as part
inner join causes as whole
    on
        part.document = whole.document
        and part.cause = whole.cause
        and part.deviation_from = whole.deviation_from
        and part.months < whole.months
cross join limits
where
    abs(whole.value - part.value * whole.months / part.months)
    > abs(part.value * whole.months / part.months) * limits.tolerance_pct / 100

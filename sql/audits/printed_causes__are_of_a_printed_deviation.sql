-- severity: stop
-- Varje orsak hör till en tryckt avvikelse eller storhet, och dess rad i resultatet finns
-- public: cause_id, document, cause, source_line
select
    causes.cause_id,
    causes.document,
    causes.cause,
    causes.source_line
from core.printed_causes as causes
left join core.printed_cells as cells
    on
        causes.document = cells.document
        and causes.table_id = cells.table_id
        and causes.row_name = cells.row_name
        and causes.column_id = cells.column_id
        and cells.deviation_from is not null
left join core.printed_cells as lines
    on
        causes.document = lines.document
        and causes.line_table_id = lines.table_id
        and causes.line_name = lines.row_name
left join core.printed_cells as quantities on causes.quantity = quantities.quantity
where
    (causes.quantity is null and cells.document is null)
    or (causes.quantity is not null and quantities.document is null)
    or (causes.line_name is not null and lines.document is null)
    or causes.document_name is null
group by all

-- severity: warn
-- En kolumn med kostnader har inga plus och en kolumn med intäkter inga minus
-- public: document_name, table_name, row_name, column_name, printed, unit, allowed, source_line
select
    document_name,
    table_name,
    row_name,
    column_name,
    printed,
    unit,
    case allowed_sign
        when 'negative' then 'kolumnen har bara minus'
        else 'kolumnen har bara plus'
    end as allowed,
    source_line
from core.printed_cells
where
    (allowed_sign = 'negative' and value > 0)
    or (allowed_sign = 'positive' and value < 0)

-- severity: warn
-- I varje tryckt tabell är summan av delarna den tryckta summan, så när som på avrundningen
-- public: document_name, table_name, row_name, column_name, printed, parts_sum, difference
-- public: part_count, unit, source_line
select
    document_name,
    table_name,
    row_name,
    column_name,
    printed,
    parts_sum,
    difference,
    part_count,
    unit,
    source_line
from core.printed_sums
where not holds

-- severity: warn
-- Varje tryckt andel, tillväxt eller skillnad är den som de tryckta talen ger
-- public: document_name, ratio_name, printed, computed, numerator_printed, denominator_printed
-- public: source_line, numerator_source_line
with

ratios as (
    select * from core.printed_ratios
)

select
    document_name,
    ratio_name,
    printed,
    computed,
    numerator_printed,
    denominator_printed,
    source_line,
    numerator_source_line
from ratios
where abs(value - computed) > tolerance

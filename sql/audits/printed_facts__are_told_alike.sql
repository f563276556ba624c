-- severity: warn
-- Samma sak sägs på samma sätt överallt, i ett dokument och mellan dem
-- public: fact, document_name, value, quote, source_line, other_document_name, other_value
-- public: other_quote, other_source_line
select
    earlier.fact,
    earlier.document_name,
    earlier.value,
    earlier.quote,
    earlier.source_line,
    later.document_name as other_document_name,
    later.value as other_value,
    later.quote as other_quote,
    later.source_line as other_source_line
from core.printed_facts as earlier
inner join core.printed_facts as later
    on
        earlier.fact = later.fact
        and earlier.value <> later.value
        and (earlier.document, earlier.source_line) < (later.document, later.source_line)

-- severity: warn
-- Inget tryckt har en plats kvar att fylla i, som xx, 202r eller ett frågetecken mitt i ett tal
-- public: document_name, fact, value, quote, source_line
select
    document_name,
    fact,
    value,
    quote,
    source_line
from core.printed_facts
where
    regexp_matches(value, '(^|[^a-zåäö])x{2,}([^a-zåäö]|$)|\b20[0-9]?[a-zåäö]+\b|[0-9]\?[0-9]')

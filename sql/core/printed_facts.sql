-- One row per place where a document tells a fact that stands in more places, or unfinished.
-- The value is what the place says, put so that two places can be laid beside each other; the quote
-- is the document's own words.
select
    facts.document,
    cast(facts.source_line as bigint) as source_line,
    facts.fact,
    documents.document_name,
    facts.value,
    trim(facts.quote) as quote
from seed.printed_facts as facts
left join seed.printed_documents as documents on facts.document = documents.document

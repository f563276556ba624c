-- One row per clause of a text.
-- A text is cut at full stops, semicolons, colons and at the words that turn a sentence round.
with

texts as (
    select * from core.texts
),

cut as (
    select
        text_id,
        regexp_replace(
            regexp_replace(text, '([.!?])\s+([A-ZÅÄÖ0-9])', '\1' || chr(10) || '\2', 'g'),
            '(;|:|,? medan |,? men |,? dock )',
            chr(10),
            'g'
        ) as lines
    from texts
),

numbered as (
    select
        text_id,
        unnest(string_split(lines, chr(10))) as clause,
        generate_subscripts(string_split(lines, chr(10)), 1) as clause_number
    from cut
)

select
    numbered.text_id,
    cast(numbered.clause_number as bigint) as clause_number,
    texts.report_period,
    texts.kind,
    texts.indicator_id,
    texts.assignment_id,
    texts.unit_id,
    trim(numbered.clause) as clause,
    lower(trim(numbered.clause)) as clause_folded,
    texts.origin
from numbered
inner join texts on numbered.text_id = texts.text_id
where trim(numbered.clause) <> ''

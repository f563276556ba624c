-- One row per text that says something of a report's figures.
-- Texts of the printed report are retold; comments and reports on assignments are as written.
with

published as (
    select * from seed.published_texts
),

comments as (
    select * from core.comments
),

assignments as (
    select * from core.assignments
    where comment is not null
),

final as (
    select
        'tryckt:' || text_id as text_id,
        report_period,
        kind,
        case when subject_kind = 'indicator' then subject_id end as indicator_id,
        case when subject_kind = 'assignment' then subject_id end as assignment_id,
        unit_id,
        retold as text,
        source || ', rad ' || source_line as origin
    from published
    union all
    select
        'kommentar:' || indicator_id || ':' || unit_id || ':' || period as text_id,
        period as report_period,
        'indicator' as kind,
        indicator_id,
        null as assignment_id,
        unit_id,
        comment as text,
        coalesce(author_role, 'okänd roll') as origin
    from comments
    union all
    select
        'uppdrag:' || assignment_id || ':' || period as text_id,
        period as report_period,
        'assignment' as kind,
        null as indicator_id,
        assignment_id,
        null as unit_id,
        comment as text,
        coalesce(responsible_role, 'okänd roll') as origin
    from assignments
)

select
    text_id,
    report_period,
    kind,
    indicator_id,
    assignment_id,
    unit_id,
    text,
    origin
from final

-- One row per tertial and printed count of staff with its change and the causes named for it.
-- As published: the printed causes, and what of the change they leave. A cause may be part of
-- another one, so they can come to more than the change.
with

documents as (
    select
        document,
        report_period
    from seed.printed_documents
    where report_period <> ''
),

cells as (
    select
        documents.report_period,
        cells.document,
        cells.table_id,
        cells.row_name,
        cells.column_id,
        cells.minuend_column,
        cells.subtrahend_column,
        cells.deviation_from,
        cells.value
    from core.printed_cells as cells
    inner join documents on cells.document = documents.document
    where cells.unit = 'antal'
),

changes as (
    select
        changed.report_period,
        changed.document,
        changed.table_id,
        changed.row_name,
        changed.column_id,
        changed.deviation_from,
        latest.value as employee_count,
        earlier.value as compared_count,
        changed.value as change_count
    from cells as changed
    inner join cells as latest
        on
            changed.document = latest.document
            and changed.table_id = latest.table_id
            and changed.row_name = latest.row_name
            and changed.minuend_column = latest.column_id
    inner join cells as earlier
        on
            changed.document = earlier.document
            and changed.table_id = earlier.table_id
            and changed.row_name = earlier.row_name
            and changed.subtrahend_column = earlier.column_id
    where changed.deviation_from is not null
),

causes as (
    select
        document,
        table_id,
        row_name,
        column_id,
        sum(value) as explained_count,
        string_agg(
            cause
            || case when value > 0 then ' +' else ' −' end
            || replace(cast(cast(abs(value) as decimal(18, 1)) as varchar), '.', ','),
            '; '
            order by cause_id asc
        ) as causes
    from core.printed_causes
    where unit = 'antal'
    group by all
),

comments as (
    select
        report_period,
        subject,
        text
    from core.reported_contents
    where section = 'staff'
),

named as (
    select
        changes.*,
        case changes.deviation_from
            when 'previous_year' then 'Alla månadsavlönade'
            else 'Administrativ personal'
        end as subject,
        case changes.deviation_from
            when 'previous_year' then 'augusti året före'
            else 'februari samma år'
        end as compared_words,
        case changes.deviation_from when 'previous_year' then 1 else 2 end as place
    from changes
),

final as (
    select
        named.report_period,
        cast(named.place as bigint) as sort_order,
        'body' as row_kind,
        named.subject,
        named.compared_words,
        cast(named.employee_count as decimal(18, 1)) as employee_count,
        cast(named.compared_count as decimal(18, 1)) as compared_count,
        cast(named.change_count as decimal(18, 1)) as change_count,
        cast(causes.explained_count as decimal(18, 1)) as explained_count,
        cast(named.change_count - coalesce(causes.explained_count, 0) as decimal(18, 1))
            as unexplained_count,
        concat_ws('. ', coalesce(causes.causes, 'Ingen orsak är lämnad'), comments.text) as causes
    from named
    left join causes
        on
            named.document = causes.document
            and named.table_id = causes.table_id
            and named.row_name = causes.row_name
            and named.column_id = causes.column_id
    left join comments
        on
            named.report_period = comments.report_period
            and named.subject = comments.subject
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

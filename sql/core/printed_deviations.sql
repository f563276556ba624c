-- One row per printed deviation, and per quantity that is printed for two years following.
-- How much of it its named causes explain. A cause counts at the figure it is named for, at every
-- total that this figure is part of, and at the line of the result that it belongs to; an amount
-- for another number of months is taken in proportion.
with recursive

cells as (
    select
        document,
        document_name,
        table_id,
        table_name,
        row_name,
        part_of_row,
        column_id,
        column_name,
        deviation_from,
        months,
        value,
        unit,
        cast(coalesce(tkr_factor, 1) as decimal(10, 3)) as unit_factor,
        tkr_factor is not null as is_money,
        source_line
    from core.printed_cells
    where deviation_from is not null
),

causes as (
    select
        cause_id,
        document,
        table_id,
        row_name,
        column_id,
        quantity,
        line_table_id,
        line_name,
        value * unit_factor / months as value_a_month
    from core.printed_causes
),

-- The quantity with its year cut out, so that two years of it can be laid beside each other.
quantities as (
    select
        quantity,
        regexp_replace(quantity, '20[0-9]{2}', '') as base,
        cast(regexp_extract(quantity, '20[0-9]{2}') as bigint) as year,
        arg_min(document, half_unit * tkr_factor) as document,
        arg_min(document_name, half_unit * tkr_factor) as document_name,
        arg_min(table_name, half_unit * tkr_factor) as table_name,
        arg_min(source_line, half_unit * tkr_factor) as source_line,
        arg_min(abs(value) * tkr_factor, half_unit * tkr_factor) as value_tkr
    from core.printed_cells
    where
        tkr_factor is not null
        and regexp_matches(quantity, '20[0-9]{2}')
    group by quantity
),

changes as (
    select
        later.quantity,
        later.document,
        later.document_name,
        later.table_name,
        later.source_line,
        later.year,
        later.value_tkr - earlier.value_tkr as change_tkr
    from quantities as later
    inner join quantities as earlier
        on
            later.base = earlier.base
            and later.year = earlier.year + 1
),

-- Every figure is below itself and below each total that it is part of.
below as (
    select
        document,
        table_id,
        column_id,
        row_name,
        part_of_row,
        row_name as whole_row
    from cells
    union all
    select
        below.document,
        below.table_id,
        below.column_id,
        below.row_name,
        wholes.part_of_row,
        wholes.row_name as whole_row
    from below
    inner join cells as wholes
        on
            below.document = wholes.document
            and below.table_id = wholes.table_id
            and below.column_id = wholes.column_id
            and below.part_of_row = wholes.row_name
),

-- A cause that belongs to a line counts there when it is of a deviation from the same.
of_a_line as (
    select
        causes.cause_id,
        causes.document,
        lines.table_id,
        lines.column_id,
        lines.row_name,
        causes.value_a_month
    from causes
    inner join cells as named
        on
            causes.document = named.document
            and causes.table_id = named.table_id
            and causes.row_name = named.row_name
            and causes.column_id = named.column_id
    inner join cells as lines
        on
            causes.document = lines.document
            and causes.line_table_id = lines.table_id
            and causes.line_name = lines.row_name
            and named.deviation_from = lines.deviation_from
),

named_for as (
    select
        cause_id,
        document,
        table_id,
        column_id,
        row_name,
        value_a_month
    from causes
    where table_id is not null
    union all
    select * from of_a_line
),

counted as (
    select
        below.document,
        below.table_id,
        below.column_id,
        below.whole_row as row_name,
        count(*) as cause_count,
        count(named_for.value_a_month) as amount_count,
        sum(named_for.value_a_month) as value_a_month
    from below
    inner join named_for
        on
            below.document = named_for.document
            and below.table_id = named_for.table_id
            and below.column_id = named_for.column_id
            and below.row_name = named_for.row_name
    group by all
),

wholes as (
    select distinct
        document,
        table_id,
        column_id,
        part_of_row as row_name
    from cells
    where part_of_row is not null
),

of_cells as (
    select
        cells.document,
        cells.document_name,
        cells.table_name,
        cells.row_name as subject,
        cells.column_name,
        cells.deviation_from,
        cells.months,
        wholes.row_name is not null as has_parts,
        cells.is_money,
        cells.value * cells.unit_factor as deviation,
        coalesce(counted.cause_count, 0) as cause_count,
        coalesce(counted.amount_count, 0) as amount_count,
        counted.value_a_month * cells.months as explained,
        cells.table_id || ' ' || cells.column_id as place,
        cells.source_line
    from cells
    left join counted
        on
            cells.document = counted.document
            and cells.table_id = counted.table_id
            and cells.column_id = counted.column_id
            and cells.row_name = counted.row_name
    left join wholes
        on
            cells.document = wholes.document
            and cells.table_id = wholes.table_id
            and cells.column_id = wholes.column_id
            and cells.row_name = wholes.row_name
),

of_changes as (
    select
        changes.document,
        any_value(changes.document_name) as document_name,
        any_value(changes.table_name) as table_name,
        changes.quantity as subject,
        cast(null as varchar) as column_name,
        'previous_year' as deviation_from,
        cast(12 as bigint) as months,
        false as has_parts,
        true as is_money,
        any_value(changes.change_tkr) as deviation,
        count(causes.cause_id) as cause_count,
        count(causes.value_a_month) as amount_count,
        sum(causes.value_a_month) * 12 as explained,
        'quantity' as place,
        any_value(changes.source_line) as source_line
    from changes
    left join causes on changes.quantity = causes.quantity
    group by changes.document, changes.quantity
),

final as (
    select * from of_cells
    union all
    select * from of_changes
)

select
    document,
    place,
    subject,
    document_name,
    table_name,
    column_name,
    deviation_from,
    months,
    has_parts,
    is_money,
    cast(deviation as decimal(18, 3)) as deviation,
    cause_count,
    amount_count,
    cast(explained as decimal(18, 3)) as explained,
    cast(round(explained / nullif(deviation, 0) * 100, 1) as decimal(12, 1)) as explained_pct,
    source_line
from final

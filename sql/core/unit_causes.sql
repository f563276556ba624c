-- One row per cause that a report names for a deviation of a unit.
-- What the deviation is from, which part of the unit's result it belongs to, and the cause's effect
-- in the months of the deviation: an amount for other months is taken in proportion. Positive is
-- better. A cause without an amount has no effect here and is told all the same.
with

causes as (
    select
        cause_id,
        document,
        table_id,
        row_name,
        column_id,
        cause,
        value,
        half_unit,
        unit,
        unit_factor,
        months,
        line_name,
        source_line
    from core.printed_causes
    where table_id is not null
),

documents as (
    select
        document,
        report_period
    from seed.printed_documents
    where report_period <> ''
),

printed_units as (
    select
        document,
        table_id,
        row_name,
        unit_id,
        nullif(part, '') as part
    from seed.printed_units
),

deviations as (
    select
        document,
        table_id,
        row_name,
        column_id,
        deviation_from,
        months
    from core.printed_cells
    where deviation_from is not null
),

result_lines as (
    select
        result_line_code,
        result_line_name,
        line_type
    from core.result_lines
    where line_type in ('income', 'cost')
),

joined as (
    select
        documents.report_period,
        causes.cause_id,
        printed_units.unit_id,
        coalesce(
            printed_units.part,
            case
                when result_lines.line_type = 'income' then 'income'
                when result_lines.result_line_code = 'personalkostnader' then 'staff'
                when result_lines.line_type = 'cost' then 'other_cost'
            end
        ) as part,
        case
            when deviations.deviation_from = 'budget' and deviations.months = 12 then 'forecast'
            else deviations.deviation_from
        end as compared_with,
        result_lines.result_line_code,
        causes.cause,
        causes.value * causes.unit_factor * deviations.months / causes.months as effect_tkr,
        -- The amount as it is printed, with its sign and in its own months.
        case when causes.value > 0 then '+' when causes.value < 0 then '−' else '' end
        || replace(
            case
                when causes.half_unit >= 0.5
                    then cast(cast(abs(causes.value) as decimal(18, 0)) as varchar)
                else cast(cast(abs(causes.value) as decimal(18, 1)) as varchar)
            end,
            '.',
            ','
        )
        || chr(160)
        || causes.unit
        || case when causes.months > deviations.months then ' på helår' else '' end as amount_words,
        causes.source_line
    from causes
    inner join documents on causes.document = documents.document
    inner join printed_units
        on
            causes.document = printed_units.document
            and causes.table_id = printed_units.table_id
            and causes.row_name = printed_units.row_name
    inner join deviations
        on
            causes.document = deviations.document
            and causes.table_id = deviations.table_id
            and causes.row_name = deviations.row_name
            and causes.column_id = deviations.column_id
    left join result_lines on causes.line_name = result_lines.result_line_name
),

final as (
    select
        report_period,
        cause_id,
        unit_id,
        part,
        compared_with,
        result_line_code,
        cause,
        cast(effect_tkr as decimal(18, 3)) as effect_tkr,
        cause || coalesce(' ' || amount_words, ' (inget belopp)') as words,
        source_line
    from joined
)

select * from final

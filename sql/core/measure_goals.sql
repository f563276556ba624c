-- One row per goal that printed measures are to reach.
-- What the goal needs and what the measures bring, both as printed, in thousands of kronor without
-- sign; a goal that is a share of a figure is that share of it.
with

sides as (
    select
        goals.goal_id,
        goals.goal,
        goals.side,
        cells.document,
        cells.document_name,
        cells.source_line,
        cells.value * cells.tkr_factor * cast(goals.factor as decimal(10, 4)) as amount_tkr
    from seed.measure_goals as goals
    inner join core.printed_cells as cells
        on
            goals.document = cells.document
            and goals.table_id = cells.table_id
            and goals.row_name = cells.row_name
            and goals.column_id = cells.column_id
),

final as (
    select
        goal_id,
        goal,
        document,
        document_name,
        cast(abs(sum(amount_tkr) filter (where side = 'goal')) as decimal(18, 3)) as goal_tkr,
        cast(sum(amount_tkr) filter (where side = 'measure') as decimal(18, 3)) as measures_tkr,
        cast(
            round(
                sum(amount_tkr) filter (where side = 'measure') * 100
                / nullif(abs(sum(amount_tkr) filter (where side = 'goal')), 0),
                1
            ) as decimal(12, 1)
        ) as measures_pct,
        min(source_line) filter (where side = 'goal') as source_line,
        min(source_line) filter (where side = 'measure') as measures_source_line
    from sides
    group by goal_id, goal, document, document_name
)

select * from final

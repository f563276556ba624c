-- One row per tertial and cost centre of the elected representatives.
-- As published: the ledger has no such cost centres. The deviation is the two amounts' difference;
-- in thousands of kronor, negative is worse than budget.
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
        cells.row_number,
        cells.row_name,
        cells.column_id,
        cells.value * cells.tkr_factor as amount_tkr
    from core.printed_cells as cells
    inner join documents on cells.document = documents.document
    where cells.table_id = 'fortroendevalda'
),

comments as (
    select
        report_period,
        subject,
        text
    from core.reported_contents
    where section = 'elected'
),

side_by_side as (
    select
        report_period,
        row_number,
        row_name,
        max(case when column_id = 'utfall' then amount_tkr end) as outcome_tkr,
        max(case when column_id = 'budget' then amount_tkr end) as budget_tkr
    from cells
    group by report_period, row_number, row_name
),

final as (
    select
        side_by_side.report_period,
        side_by_side.row_number as sort_order,
        'body' as row_kind,
        side_by_side.row_name as cost_centre_name,
        cast(side_by_side.outcome_tkr as decimal(18, 3)) as outcome_tkr,
        cast(side_by_side.budget_tkr as decimal(18, 3)) as budget_tkr,
        cast(side_by_side.outcome_tkr - side_by_side.budget_tkr as decimal(18, 3))
            as difference_tkr,
        coalesce(comments.text, 'Ingen orsak är lämnad.') as comment
    from side_by_side
    left join comments
        on
            side_by_side.report_period = comments.report_period
            and side_by_side.row_name = comments.subject
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

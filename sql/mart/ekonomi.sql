-- One row per tertial and line of the board's result statement, sum rows included.
-- Thousands of kronor, unrounded; the sums are computed from the lines.
with

tertials as (
    select
        ledger_tertials.period,
        ledger_tertials.result_line_code,
        sum(ledger_tertials.outcome_sek) as outcome_sek,
        sum(ledger_tertials.budget_sek) as budget_sek,
        sum(ledger_tertials.previous_sek) as previous_sek
    from core.ledger_tertials
    inner join core.unit_ancestors on ledger_tertials.unit_id = unit_ancestors.unit_id
    where unit_ancestors.ancestor_unit_id = 'RS'
    group by all
),

lines as (
    select
        result_line_code,
        result_line_name,
        line_type,
        sort_order
    from core.result_lines
    where line_type in ('income', 'cost')
),

report_periods as (
    select
        period,
        bool_or(budget_sek is not null) as has_budget,
        bool_or(previous_sek is not null) as has_previous
    from tertials
    group by period
),

-- Every line is printed, also one without a krona; a budget or a year that was not delivered is
-- no zero.
bodies as (
    select
        report_periods.period,
        lines.result_line_code,
        lines.result_line_name,
        lines.line_type,
        lines.sort_order,
        coalesce(tertials.outcome_sek, 0) as outcome_sek,
        case when report_periods.has_budget then coalesce(tertials.budget_sek, 0) end
            as budget_sek,
        case when report_periods.has_previous then coalesce(tertials.previous_sek, 0) end
            as previous_sek
    from report_periods
    cross join lines
    left join tertials
        on
            report_periods.period = tertials.period
            and lines.result_line_code = tertials.result_line_code
),

rows_and_sums as (
    select
        period,
        sort_order,
        'body' as row_kind,
        result_line_code,
        result_line_name,
        outcome_sek,
        budget_sek,
        previous_sek
    from bodies
    union all
    select
        period,
        100 as sort_order,
        'subtotal' as row_kind,
        'summa_intakter' as result_line_code,
        'Summa intäkter' as result_line_name,
        sum(outcome_sek) as outcome_sek,
        sum(budget_sek) as budget_sek,
        sum(previous_sek) as previous_sek
    from bodies
    where line_type = 'income'
    group by period
    union all
    select
        period,
        290 as sort_order,
        'subtotal' as row_kind,
        'summa_bruttokostnader' as result_line_code,
        'Summa bruttokostnader' as result_line_name,
        sum(outcome_sek) as outcome_sek,
        sum(budget_sek) as budget_sek,
        sum(previous_sek) as previous_sek
    from bodies
    where line_type = 'cost'
    group by period
    union all
    select
        period,
        300 as sort_order,
        'sum' as row_kind,
        'summa_nettokostnader' as result_line_code,
        'Summa verksamhetens nettokostnader' as result_line_name,
        sum(outcome_sek) as outcome_sek,
        sum(budget_sek) as budget_sek,
        sum(previous_sek) as previous_sek
    from bodies
    group by period
),

in_tkr as (
    select
        *,
        cast(outcome_sek as decimal(18, 2)) * cast(0.001 as decimal(4, 3)) as outcome_tkr,
        cast(budget_sek as decimal(18, 2)) * cast(0.001 as decimal(4, 3)) as budget_tkr,
        cast(previous_sek as decimal(18, 2)) * cast(0.001 as decimal(4, 3)) as previous_tkr
    from rows_and_sums
),

final as (
    select
        period as report_period,
        cast(sort_order as bigint) as sort_order,
        row_kind,
        result_line_code,
        result_line_name,
        cast(outcome_tkr as decimal(18, 5)) as outcome_tkr,
        cast(budget_tkr as decimal(18, 5)) as budget_tkr,
        cast(outcome_tkr - budget_tkr as decimal(18, 5)) as difference_tkr,
        cast(previous_tkr as decimal(18, 5)) as previous_tkr,
        cast(outcome_tkr - previous_tkr as decimal(18, 5)) as change_tkr
    from in_tkr
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

-- One row per tertial and line of the region's result statement, sum rows included.
-- The whole region in millions of kronor, as the law sets a result statement up: what units of the
-- region buy from each other is left out, depreciation stands by itself, and interest in the
-- activities is finance. The outcome is income less cost.
with

tertials as (
    select
        period_id,
        span,
        month,
        opens_month,
        current_month
    from core.period_months
    where kind = 'tertial' and span in ('period', 'previous_year')
),

ledger_months as (
    select
        month,
        account_code,
        result_line_code,
        line_type,
        amount_sek - coalesce(internal_sek, 0) as external_sek
    from core.ledger_months
    where line_type in ('income', 'cost', 'financing') and unit_id is not null
),

depreciation_accounts as (
    select
        account_code,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from core.account_marks
    where mark = 'depreciation'
),

coverage as (
    select
        min(month) as first_month,
        max(month) as last_month
    from ledger_months
),

-- Each account on its line of the statement.
placed as (
    select
        ledger_months.month,
        case
            when depreciation_accounts.account_code is not null then 'avskrivningar'
            when ledger_months.line_type = 'financing' then ledger_months.result_line_code
            when ledger_months.result_line_code = 'avskrivningar_finansnetto'
                then 'finansiella_kostnader'
            when ledger_months.line_type = 'income' then 'verksamhetens_intakter'
            else 'verksamhetens_kostnader'
        end as line_id,
        -ledger_months.external_sek as outcome_sek
    from ledger_months
    left join depreciation_accounts
        on
            ledger_months.account_code = depreciation_accounts.account_code
            and ledger_months.month between depreciation_accounts.valid_from
            and depreciation_accounts.valid_to
),

spans as (
    select tertials.*
    from tertials
    cross join coverage
    where
        tertials.opens_month <= coverage.last_month
        and tertials.current_month <= coverage.last_month
        and tertials.current_month >= coverage.first_month
),

report_periods as (
    select
        spans.period_id,
        min(spans.month) filter (where spans.span = 'previous_year') >= min(coverage.first_month)
            as has_previous
    from spans
    cross join coverage
    group by spans.period_id
),

summed as (
    select
        spans.period_id,
        placed.line_id,
        sum(case when spans.span = 'period' then placed.outcome_sek end) as outcome_sek,
        sum(case when spans.span = 'previous_year' then placed.outcome_sek end) as previous_sek
    from placed
    inner join spans on placed.month = spans.month
    group by spans.period_id, placed.line_id
),

-- `sums` names the sums that a line is part of.
statement_lines as (
    select
        unnest([10, 20, 30, 50, 60, 80, 90]) as sort_order,
        unnest([
            'verksamhetens_intakter',
            'verksamhetens_kostnader',
            'avskrivningar',
            'skatteintakter',
            'generella_statsbidrag',
            'finansiella_intakter',
            'finansiella_kostnader'
        ]) as line_id,
        unnest([
            'Verksamhetens intäkter',
            'Verksamhetens kostnader',
            'Avskrivningar',
            'Skatteintäkter',
            'Generella statsbidrag och utjämning',
            'Finansiella intäkter',
            'Finansiella kostnader'
        ]) as line_name
),

statement_sums as (
    select
        unnest([40, 70, 100]) as sort_order,
        unnest(['subtotal', 'subtotal', 'sum']) as row_kind,
        unnest(['nettokostnader', 'verksamhetens_resultat', 'periodens_resultat']) as line_id,
        unnest([
            'Verksamhetens nettokostnader', 'Verksamhetens resultat', 'Periodens resultat'
        ]) as line_name
),

-- Every line is printed, also one without a krona; a year that was not delivered is no zero.
bodies as (
    select
        report_periods.period_id,
        statement_lines.sort_order,
        statement_lines.line_id,
        statement_lines.line_name,
        coalesce(summed.outcome_sek, 0) as outcome_sek,
        case when report_periods.has_previous then coalesce(summed.previous_sek, 0) end
            as previous_sek
    from report_periods
    cross join statement_lines
    left join summed
        on
            report_periods.period_id = summed.period_id
            and statement_lines.line_id = summed.line_id
),

rows_and_sums as (
    select
        period_id,
        sort_order,
        'body' as row_kind,
        line_id,
        line_name,
        outcome_sek,
        previous_sek
    from bodies
    union all
    select
        bodies.period_id,
        statement_sums.sort_order,
        statement_sums.row_kind,
        statement_sums.line_id,
        statement_sums.line_name,
        sum(bodies.outcome_sek) as outcome_sek,
        sum(bodies.previous_sek) as previous_sek
    from bodies
    inner join statement_sums on bodies.sort_order < statement_sums.sort_order
    group by all
),

in_mkr as (
    select
        *,
        cast(outcome_sek as decimal(18, 2)) * cast(0.000001 as decimal(7, 6)) as outcome_mkr,
        cast(previous_sek as decimal(18, 2)) * cast(0.000001 as decimal(7, 6)) as previous_mkr
    from rows_and_sums
),

final as (
    select
        period_id as report_period,
        cast(sort_order as bigint) as sort_order,
        row_kind,
        line_id,
        line_name,
        cast(outcome_mkr as decimal(18, 8)) as outcome_mkr,
        cast(previous_mkr as decimal(18, 8)) as previous_mkr,
        cast(outcome_mkr - previous_mkr as decimal(18, 8)) as change_mkr
    from in_mkr
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

-- One row per tertial and line of the region's balance sheet, with a sum for each side.
-- The balance at the period's end beside the one at the turn of the year, in millions of kronor.
-- What stands outside the balance sheet stands below and in no sum; a side that lacks a line on one
-- of its days has no sum for that day.
with

balance_sheets as (
    select
        month,
        balance_line,
        side,
        amount_tkr
    from core.balance_sheets
),

balance_lines as (
    select
        balance_line,
        balance_line_name,
        side_name,
        cast(sort_order as bigint) as sort_order
    from seed.balance_lines
),

tertials as (
    select
        period_id,
        last_month,
        make_date(year - 1, 12, 1) as opening_month
    from core.periods
    where
        kind = 'tertial'
        and last_month in (
            select sheets.month
            from balance_sheets as sheets
        )
),

-- All lines of either day.
bodies as (
    select
        tertials.period_id,
        balance_sheets.balance_line,
        balance_sheets.side,
        sum(case when balance_sheets.month = tertials.last_month then balance_sheets.amount_tkr end)
            as closing_tkr,
        sum(
            case
                when balance_sheets.month = tertials.opening_month then balance_sheets.amount_tkr
            end
        ) as opening_tkr
    from tertials
    inner join balance_sheets
        on balance_sheets.month in (tertials.last_month, tertials.opening_month)
    group by tertials.period_id, balance_sheets.balance_line, balance_sheets.side
),

named as (
    select
        bodies.period_id,
        bodies.balance_line,
        bodies.side,
        bodies.closing_tkr,
        bodies.opening_tkr,
        coalesce(balance_lines.balance_line_name, bodies.balance_line) as line_name,
        coalesce(balance_lines.side_name, bodies.side) as side_name,
        coalesce(balance_lines.sort_order, 800) as sort_order
    from bodies
    left join balance_lines on bodies.balance_line = balance_lines.balance_line
),

rows_and_sums as (
    select
        period_id,
        sort_order,
        'body' as row_kind,
        balance_line,
        line_name,
        closing_tkr,
        opening_tkr
    from named
    union all
    select
        period_id,
        max(sort_order) + 1 as sort_order,
        'subtotal' as row_kind,
        'summa_' || side as balance_line,
        'Summa ' || lower(side_name) as line_name,
        case when count(closing_tkr) = count(*) then sum(closing_tkr) end as closing_tkr,
        case when count(opening_tkr) = count(*) then sum(opening_tkr) end as opening_tkr
    from named
    where side <> 'memo'
    group by period_id, side, side_name
),

in_mkr as (
    select
        *,
        cast(closing_tkr as decimal(18, 3)) * cast(0.001 as decimal(4, 3)) as closing_mkr,
        cast(opening_tkr as decimal(18, 3)) * cast(0.001 as decimal(4, 3)) as opening_mkr
    from rows_and_sums
),

final as (
    select
        period_id as report_period,
        cast(sort_order as bigint) as sort_order,
        row_kind,
        balance_line,
        line_name,
        cast(closing_mkr as decimal(18, 6)) as closing_mkr,
        cast(opening_mkr as decimal(18, 6)) as opening_mkr,
        cast(closing_mkr - opening_mkr as decimal(18, 6)) as change_mkr
    from in_mkr
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

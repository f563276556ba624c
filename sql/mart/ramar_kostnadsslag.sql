-- One row per tertial, area of the board and group of accounts, with a sum row per area and one for
-- the board.
-- The budget of the whole year beside that of the year before, as the ledger holds them, in
-- millions of kronor; costs are negative. A year of which not every month was delivered has no
-- budget.
with

tertials as (
    select
        period_id,
        year
    from core.periods
    where kind = 'tertial'
),

-- The areas of the organisation in force when the period ended, and what is booked below each.
areas as (
    select
        period_organisations.period_id,
        below_board.organisation_id,
        below_board.unit_id,
        organisation_contents.unit_name,
        organisation_contents.sort_order
    from core.period_organisations
    inner join core.organisation_ancestors as below_board
        on
            period_organisations.organisation_id = below_board.organisation_id
            and below_board.ancestor_unit_id = 'RS'
            and below_board.distance = 1
    inner join core.organisation_contents
        on
            below_board.organisation_id = organisation_contents.organisation_id
            and below_board.unit_id = organisation_contents.unit_id
),

year_budgets as (
    select
        extract(year from budget_months.month) as year,
        budget_months.unit_id,
        account_groups.account_group_code,
        account_groups.account_group_name,
        account_groups.sort_order as group_order,
        -sum(budget_months.amount_sek) as budget_sek
    from core.ledger_budgets as budget_months
    inner join core.account_groups
        on budget_months.result_line_code = account_groups.result_line_code
    where budget_months.line_type in ('income', 'cost')
    group by all
),

budgets as (
    select
        areas.period_id,
        year_budgets.year,
        areas.unit_id,
        areas.unit_name,
        areas.sort_order as area_order,
        year_budgets.account_group_code,
        year_budgets.account_group_name,
        year_budgets.group_order,
        sum(year_budgets.budget_sek) as budget_sek
    from year_budgets
    inner join core.organisation_ancestors
        on year_budgets.unit_id = organisation_ancestors.unit_id
    inner join areas
        on
            organisation_ancestors.organisation_id = areas.organisation_id
            and organisation_ancestors.ancestor_unit_id = areas.unit_id
    group by all
),

whole_years as (
    select extract(year from month) as year
    from core.ledger_budgets
    group by all
    having count(distinct month) = 12
),

report_periods as (
    select
        tertials.period_id,
        tertials.year,
        before.year is not null as has_previous
    from tertials
    inner join whole_years on tertials.year = whole_years.year
    left join whole_years as before on tertials.year - 1 = before.year
),

-- A group that an area has in one of the two years.
bodies as (
    select
        report_periods.period_id,
        budgets.unit_id,
        budgets.unit_name,
        budgets.area_order,
        budgets.account_group_code,
        budgets.account_group_name,
        budgets.group_order,
        sum(case when budgets.year = report_periods.year then budgets.budget_sek else 0 end)
            as budget_sek,
        case
            when bool_or(report_periods.has_previous)
                then
                    sum(
                        case
                            when budgets.year = report_periods.year - 1 then budgets.budget_sek
                            else 0
                        end
                    )
        end as previous_sek
    from report_periods
    inner join budgets
        on
            report_periods.period_id = budgets.period_id
            and budgets.year in (report_periods.year, report_periods.year - 1)
    group by all
),

rows_and_sums as (
    select
        period_id,
        area_order * 100 + group_order as sort_order,
        'body' as row_kind,
        unit_id || '-' || account_group_code as frame_id,
        unit_name || ': ' || lower(account_group_name) as frame_name,
        budget_sek,
        previous_sek
    from bodies
    union all
    select
        period_id,
        area_order * 100 + 99 as sort_order,
        'subtotal' as row_kind,
        unit_id as frame_id,
        'Totalt ' || unit_name as frame_name,
        sum(budget_sek) as budget_sek,
        sum(previous_sek) as previous_sek
    from bodies
    group by period_id, unit_id, unit_name, area_order
    union all
    select
        period_id,
        900000 as sort_order,
        'sum' as row_kind,
        'RS' as frame_id,
        'Totalt' as frame_name,
        sum(budget_sek) as budget_sek,
        sum(previous_sek) as previous_sek
    from bodies
    group by period_id
),

in_mkr as (
    select
        *,
        cast(budget_sek as decimal(18, 2)) * cast(0.000001 as decimal(7, 6)) as budget_mkr,
        cast(previous_sek as decimal(18, 2)) * cast(0.000001 as decimal(7, 6)) as previous_mkr
    from rows_and_sums
),

final as (
    select
        period_id as report_period,
        cast(sort_order as bigint) as sort_order,
        row_kind,
        frame_id,
        frame_name,
        cast(previous_mkr as decimal(18, 8)) as previous_mkr,
        cast(budget_mkr as decimal(18, 8)) as budget_mkr,
        cast(budget_mkr - previous_mkr as decimal(18, 8)) as change_mkr
    from in_mkr
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

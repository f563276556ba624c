-- One row per tertial and department of the board, with a sum row per area and one for the board.
-- Outcome less budget in thousands of kronor, a column for each group of accounts; negative is
-- worse than budget on income and on cost alike.
with

deviations as (
    select
        ledger_tertials.period,
        ledger_tertials.unit_id,
        account_groups.account_group_code,
        sum(ledger_tertials.outcome_sek - ledger_tertials.budget_sek) as deviation_sek
    from core.ledger_tertials
    left join core.account_groups
        on ledger_tertials.result_line_code = account_groups.result_line_code
    where ledger_tertials.budget_sek is not null
    group by all
),

departments as (
    select
        units.unit_id,
        units.unit_id || ' ' || units.unit_name as department_name,
        units.sort_order,
        areas.unit_id as area_unit_id,
        areas.unit_name as area_name,
        areas.sort_order as area_sort_order,
        boards.unit_id as board_unit_id,
        boards.unit_name as board_name
    from core.units
    inner join core.units as areas on units.parent_unit_id = areas.unit_id
    inner join core.units as boards on areas.parent_unit_id = boards.unit_id
    where units.level = 'department' and boards.unit_id = 'RS'
),

cells as (
    select
        deviations.period,
        departments.sort_order,
        'body' as row_kind,
        departments.unit_id,
        departments.department_name,
        deviations.account_group_code,
        deviations.deviation_sek
    from deviations
    inner join departments on deviations.unit_id = departments.unit_id
    union all
    select
        deviations.period,
        departments.area_sort_order + 9 as sort_order,
        'subtotal' as row_kind,
        departments.area_unit_id as unit_id,
        'Totalsumma ' || departments.area_name as department_name,
        deviations.account_group_code,
        deviations.deviation_sek
    from deviations
    inner join departments on deviations.unit_id = departments.unit_id
    union all
    select
        deviations.period,
        10000 as sort_order,
        'sum' as row_kind,
        departments.board_unit_id as unit_id,
        'Totalsumma ' || departments.board_name as department_name,
        deviations.account_group_code,
        deviations.deviation_sek
    from deviations
    inner join departments on deviations.unit_id = departments.unit_id
),

in_tkr as (
    select
        period,
        sort_order,
        row_kind,
        unit_id,
        department_name,
        account_group_code,
        cast(deviation_sek as decimal(18, 2)) * cast(0.001 as decimal(4, 3)) as deviation_tkr
    from cells
),

final as (
    select
        period as report_period,
        cast(sort_order as bigint) as sort_order,
        row_kind,
        unit_id,
        department_name,
        cast(sum(deviation_tkr) filter (where account_group_code = 'income') as decimal(18, 5))
            as income_tkr,
        cast(sum(deviation_tkr) filter (where account_group_code = 'staff') as decimal(18, 5))
            as staff_tkr,
        cast(
            sum(deviation_tkr) filter (where account_group_code = 'bought_activity')
            as decimal(18, 5)
        ) as bought_activity_tkr,
        cast(
            sum(deviation_tkr) filter (where account_group_code = 'drugs_and_goods')
            as decimal(18, 5)
        ) as drugs_and_goods_tkr,
        cast(sum(deviation_tkr) filter (where account_group_code = 'premises') as decimal(18, 5))
            as premises_tkr,
        cast(sum(deviation_tkr) filter (where account_group_code = 'services') as decimal(18, 5))
            as services_tkr,
        cast(sum(deviation_tkr) filter (where account_group_code = 'other') as decimal(18, 5))
            as other_tkr,
        cast(
            sum(deviation_tkr) filter (where account_group_code = 'depreciation') as decimal(18, 5)
        ) as depreciation_tkr,
        cast(sum(deviation_tkr) as decimal(18, 5)) as deviation_tkr
    from in_tkr
    group by period, sort_order, row_kind, unit_id, department_name
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

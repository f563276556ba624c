-- One row per tertial and department of the board, with a sum row per area and one for the board.
-- A department's row holds what lies below it too, so that the table follows the organisation.
-- Net outcome against budget in thousands of kronor; negative is worse than budget.
with

ledger_tertials as (
    select
        period,
        unit_id,
        outcome_sek,
        budget_sek,
        previous_sek
    from core.ledger_tertials
),

areas as (
    select
        unit_id,
        unit_name,
        sort_order
    from core.units
    where parent_unit_id = 'RS'
),

-- Each unit of an area under the child of the area that it belongs to; the area's own under itself.
departments as (
    select
        unit_ancestors.unit_id as booked_unit_id,
        units.unit_id,
        units.unit_name,
        areas.unit_id as area_unit_id,
        areas.unit_name as area_name,
        areas.sort_order as area_sort_order,
        units.sort_order
    from areas
    inner join core.units on areas.unit_id = units.parent_unit_id
    inner join core.unit_ancestors on units.unit_id = unit_ancestors.ancestor_unit_id
    union all
    select
        unit_id as booked_unit_id,
        unit_id,
        unit_name,
        unit_id as area_unit_id,
        unit_name as area_name,
        sort_order as area_sort_order,
        0 as sort_order
    from areas
),

departments_summed as (
    select
        ledger_tertials.period,
        departments.unit_id,
        departments.unit_name,
        departments.area_unit_id,
        departments.area_name,
        departments.area_sort_order,
        departments.sort_order,
        sum(ledger_tertials.outcome_sek) as outcome_sek,
        sum(ledger_tertials.budget_sek) as budget_sek,
        sum(ledger_tertials.previous_sek) as previous_sek
    from ledger_tertials
    inner join departments on ledger_tertials.unit_id = departments.booked_unit_id
    group by all
),

rows_and_sums as (
    select
        period,
        area_sort_order * 1000 + sort_order as sort_order,
        'body' as row_kind,
        unit_id,
        area_name,
        unit_id || ' ' || unit_name as department_name,
        outcome_sek,
        budget_sek,
        previous_sek
    from departments_summed
    union all
    select
        period,
        area_sort_order * 1000 + 999 as sort_order,
        'subtotal' as row_kind,
        area_unit_id as unit_id,
        area_name,
        'Totalsumma ' || area_name as department_name,
        sum(outcome_sek) as outcome_sek,
        sum(budget_sek) as budget_sek,
        sum(previous_sek) as previous_sek
    from departments_summed
    group by all
    union all
    select
        departments_summed.period,
        max(departments_summed.area_sort_order) * 1000 + 1999 as sort_order,
        'sum' as row_kind,
        boards.unit_id,
        boards.unit_name as area_name,
        'Totalsumma ' || boards.unit_name as department_name,
        sum(departments_summed.outcome_sek) as outcome_sek,
        sum(departments_summed.budget_sek) as budget_sek,
        sum(departments_summed.previous_sek) as previous_sek
    from departments_summed
    cross join core.units as boards
    where boards.unit_id = 'RS'
    group by departments_summed.period, boards.unit_id, boards.unit_name
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
        unit_id,
        area_name,
        department_name,
        cast(outcome_tkr as decimal(18, 5)) as outcome_tkr,
        cast(budget_tkr as decimal(18, 5)) as budget_tkr,
        cast(outcome_tkr - budget_tkr as decimal(18, 5)) as difference_tkr,
        cast(previous_tkr as decimal(18, 5)) as previous_tkr,
        cast(outcome_tkr - previous_tkr as decimal(18, 5)) as change_tkr
    from in_tkr
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

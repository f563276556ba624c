-- One row per tertial and department of the board, with a sum row per area and one for the board.
-- Outcome less budget in thousands of kronor, a column for each group of accounts; negative is
-- worse than budget on income and on cost alike. The rows are those of the departments' results and
-- the figures those of the indicator, so that neither is worked out twice. What an area has booked
-- on itself is in its sum and has no row of its own.
with

departments as (
    select
        report_period,
        sort_order,
        row_kind,
        unit_id,
        department_name,
        row_kind = 'body' and count(*) over (partition by report_period, unit_id) > 1 as is_area_own
    from mart.avdelningar
),

account_groups as (
    select distinct
        account_group_name,
        account_group_code
    from core.account_groups
),

deviations as (
    select
        outcomes.period,
        outcomes.unit_id,
        coalesce(account_groups.account_group_code, 'total') as account_group_code,
        outcomes.numerator as deviation_tkr
    from indicator.outcomes
    left join account_groups on outcomes.breakdown = account_groups.account_group_name
    where
        outcomes.id = 'economy__budget_deviation_tkr'
        and (outcomes.breakdown = '' or account_groups.account_group_code is not null)
),

final as (
    select
        departments.report_period,
        departments.sort_order,
        departments.row_kind,
        departments.unit_id,
        departments.department_name,
        cast(
            sum(deviations.deviation_tkr)
            filter (where deviations.account_group_code = 'income') as decimal(18, 5)
        ) as income_tkr,
        cast(
            sum(deviations.deviation_tkr)
            filter (where deviations.account_group_code = 'staff') as decimal(18, 5)
        ) as staff_tkr,
        cast(
            sum(deviations.deviation_tkr)
            filter (where deviations.account_group_code = 'bought_activity') as decimal(18, 5)
        ) as bought_activity_tkr,
        cast(
            sum(deviations.deviation_tkr)
            filter (where deviations.account_group_code = 'drugs_and_goods') as decimal(18, 5)
        ) as drugs_and_goods_tkr,
        cast(
            sum(deviations.deviation_tkr)
            filter (where deviations.account_group_code = 'premises') as decimal(18, 5)
        ) as premises_tkr,
        cast(
            sum(deviations.deviation_tkr)
            filter (where deviations.account_group_code = 'services') as decimal(18, 5)
        ) as services_tkr,
        cast(
            sum(deviations.deviation_tkr)
            filter (where deviations.account_group_code = 'other') as decimal(18, 5)
        ) as other_tkr,
        cast(
            sum(deviations.deviation_tkr)
            filter (where deviations.account_group_code = 'depreciation') as decimal(18, 5)
        ) as depreciation_tkr,
        cast(
            sum(deviations.deviation_tkr)
            filter (where deviations.account_group_code = 'total') as decimal(18, 5)
        ) as deviation_tkr
    from departments
    inner join deviations
        on
            departments.report_period = deviations.period
            and departments.unit_id = deviations.unit_id
    where not departments.is_area_own
    group by
        departments.report_period,
        departments.sort_order,
        departments.row_kind,
        departments.unit_id,
        departments.department_name
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

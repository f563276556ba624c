-- severity: warn
-- I ett levererat år saknas ingen månad mellan första och sista levererade månad
with

delivered as (
    select distinct
        'core.ledger_months' as table_name,
        month
    from core.ledger_months
    union all
    select distinct
        'core.invoices' as table_name,
        month
    from core.invoices
    union all
    select distinct
        'core.employments' as table_name,
        month
    from core.employments
    union all
    select distinct
        'core.worked_time' as table_name,
        month
    from core.worked_time
    union all
    select distinct
        'core.dispensed_items' as table_name,
        month
    from core.dispensed_items
    union all
    select distinct
        'core.national_drug_costs' as table_name,
        month
    from core.national_drug_costs
    union all
    select distinct
        'core.travel' as table_name,
        month
    from core.travel
    union all
    select distinct
        'core.fuel' as table_name,
        month
    from core.fuel
    union all
    select distinct
        'core.food_purchases' as table_name,
        month
    from core.food_purchases
    union all
    select distinct
        'core.waste' as table_name,
        month
    from core.waste
    union all
    select distinct
        'core.energy' as table_name,
        month
    from core.energy
    union all
    select distinct
        'core.health_talks' as table_name,
        month
    from core.health_talks
),

spans as (
    select
        table_name,
        min(month) as first_month,
        max(month) as last_month
    from delivered
    group by all
),

-- A base year may stand alone: a year nothing was delivered for is no gap.
years as (
    select distinct
        table_name,
        extract(year from month) as year
    from delivered
)

select
    spans.table_name,
    months.month
from spans
inner join core.months on months.month between spans.first_month and spans.last_month
inner join years on spans.table_name = years.table_name and months.year = years.year
left join delivered
    on
        spans.table_name = delivered.table_name
        and months.month = delivered.month
where delivered.month is null

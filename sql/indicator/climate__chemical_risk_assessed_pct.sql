-- One row per unit and period.
-- Products with a finished and signed risk assessment over all products handled, in the register's
-- last snapshot of the period. A product that two units handle counts in both.
with

snapshots as (
    select
        period_months.period_id,
        last_day(max(chemical_products.month)) as snapshot_day,
        max(chemical_products.month) as snapshot_month
    from core.chemical_products
    inner join core.period_months on chemical_products.month = period_months.month
    where
        period_months.span = 'period'
        and period_months.kind in ('tertial', 'year')
    group by period_months.period_id, period_months.opens_month
    having max(chemical_products.month) >= period_months.opens_month
),

products as (
    select
        chemical_products.month,
        unit_ancestors.ancestor_unit_id as unit_id,
        chemical_products.assessment_status,
        chemical_products.signed_date
    from core.chemical_products
    inner join core.unit_ancestors on chemical_products.unit_id = unit_ancestors.unit_id
    where unit_ancestors.ancestor_level in ('region', 'board', 'area', 'department')
),

final as (
    select
        products.unit_id,
        snapshots.period_id as period,
        'T' as sex,
        '' as breakdown,
        cast(
            sum(
                case
                    when
                        products.assessment_status = 'slutförd'
                        and products.signed_date <= snapshots.snapshot_day
                        then 1
                    else 0
                end
            ) as bigint
        ) as numerator,
        cast(count(*) as bigint) as denominator,
        cast(null as bigint) as person_count
    from products
    inner join snapshots on products.month = snapshots.snapshot_month
    group by products.unit_id, snapshots.period_id
)

select * from final

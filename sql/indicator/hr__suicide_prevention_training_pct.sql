-- One row per unit and period.
-- Monthly paid in the period's last month who completed a training in mental health and suicide
-- prevention from January, over all monthly paid in that month. Persons, not shares of placement.
with

employees as (
    select distinct
        employments.month,
        employments.person_id,
        unit_ancestors.ancestor_unit_id as unit_id
    from core.employments
    inner join core.unit_ancestors on employments.unit_id = unit_ancestors.unit_id
    where
        employments.is_monthly_paid
        and unit_ancestors.ancestor_level in ('region', 'board', 'area')
),

participations as (
    select distinct
        month,
        person_id
    from core.training_participations
    where topic = 'suicidprevention'
),

coverage as (
    select max(month) as last_month
    from core.training_participations
),

last_months as (
    select
        period_months.period_id,
        period_months.month
    from core.period_months
    cross join coverage
    where
        period_months.span = 'last_month'
        and period_months.kind in ('tertial', 'year')
        and period_months.opens_month <= coverage.last_month
),

trained as (
    select distinct
        period_months.period_id,
        participations.person_id
    from participations
    inner join core.period_months on participations.month = period_months.month
    where period_months.span = 'period'
),

-- Periods before the first delivery are not periods in which nobody was trained.
trained_periods as (
    select distinct period_months.period_id
    from core.training_participations
    inner join core.period_months on training_participations.month = period_months.month
    where period_months.span = 'period'
),

final as (
    select
        employees.unit_id,
        last_months.period_id as period,
        'T' as sex,
        '' as breakdown,
        cast(count(trained.person_id) as bigint) as numerator,
        cast(count(*) as bigint) as denominator,
        cast(count(*) as bigint) as person_count
    from employees
    inner join last_months on employees.month = last_months.month
    inner join trained_periods on last_months.period_id = trained_periods.period_id
    left join trained
        on
            last_months.period_id = trained.period_id
            and employees.person_id = trained.person_id
    group by employees.unit_id, last_months.period_id
)

select * from final

-- One row per unit, period and sex.
-- Sick hours over ordinary hours, accumulated from January: the same persons above and below.
-- Hours and persons are counted on two ways, because hours can be summed over months and units but
-- persons cannot.
with

worked_time as (
    select
        month,
        person_id,
        unit_id,
        sex,
        ordinary_hours,
        sick_hours
    from core.worked_time
),

unit_ancestors as (
    select
        unit_id,
        ancestor_unit_id
    from core.unit_ancestors
    where ancestor_level in ('board', 'area', 'department')
),

coverage as (
    select max(month) as last_month
    from worked_time
),

period_months as (
    select
        period_months.period_id,
        period_months.month
    from core.period_months
    cross join coverage
    where
        period_months.span = 'period'
        and period_months.opens_month <= coverage.last_month
),

months_summed as (
    select
        month,
        unit_id,
        sex,
        sum(sick_hours) as sick_hours,
        sum(ordinary_hours) as ordinary_hours
    from worked_time
    group by month, unit_id, sex
),

months_by_sex as (
    select month, unit_id, 'T' as sex, sick_hours, ordinary_hours
    from months_summed
    union all
    select month, unit_id, sex, sick_hours, ordinary_hours
    from months_summed
    where sex in ('K', 'M')
),

hours as (
    select
        period_months.period_id,
        unit_ancestors.ancestor_unit_id as unit_id,
        months_by_sex.sex,
        sum(months_by_sex.sick_hours) as sick_hours,
        sum(months_by_sex.ordinary_hours) as ordinary_hours
    from months_by_sex
    inner join unit_ancestors on months_by_sex.unit_id = unit_ancestors.unit_id
    inner join period_months on months_by_sex.month = period_months.month
    group by period_months.period_id, unit_ancestors.ancestor_unit_id, months_by_sex.sex
),

persons as (
    select distinct
        period_months.period_id,
        worked_time.unit_id,
        worked_time.sex,
        worked_time.person_id
    from worked_time
    inner join period_months on worked_time.month = period_months.month
),

persons_in_ancestors as (
    select distinct
        persons.period_id,
        unit_ancestors.ancestor_unit_id as unit_id,
        persons.sex,
        persons.person_id
    from persons
    inner join unit_ancestors on persons.unit_id = unit_ancestors.unit_id
),

persons_counted as (
    select period_id, unit_id, 'T' as sex, count(distinct person_id) as person_count
    from persons_in_ancestors
    group by period_id, unit_id
    union all
    select period_id, unit_id, sex, count(*) as person_count
    from persons_in_ancestors
    where sex in ('K', 'M')
    group by period_id, unit_id, sex
),

final as (
    select
        hours.unit_id,
        hours.period_id as period,
        hours.sex,
        '' as breakdown,
        cast(hours.sick_hours as decimal(18, 2)) as numerator,
        cast(hours.ordinary_hours as decimal(18, 2)) as denominator,
        persons_counted.person_count
    from hours
    inner join persons_counted
        on
            hours.period_id = persons_counted.period_id
            and hours.unit_id = persons_counted.unit_id
            and hours.sex = persons_counted.sex
)

select * from final

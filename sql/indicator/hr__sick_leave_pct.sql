-- One row per unit, period and sex, and one per unit, period and age group.
-- Sick hours over ordinary hours, accumulated from January: the same persons above and below.
-- Hours and persons are counted on two ways, because hours can be summed over months and units but
-- persons cannot. The age is the one the person reaches in the year, so that nobody is in two age
-- groups of a period.
with

worked_time as (
    select
        worked_time.month,
        worked_time.person_id,
        worked_time.unit_id,
        worked_time.sex,
        age_groups.age_group,
        worked_time.ordinary_hours,
        worked_time.sick_hours
    from core.worked_time
    left join seed.age_groups
        on
            extract(year from worked_time.month) - worked_time.birth_year
            between cast(age_groups.from_age as bigint) and cast(age_groups.to_age as bigint)
),

unit_ancestors as (
    select
        unit_id,
        ancestor_unit_id
    from core.unit_ancestors
    where ancestor_level in ('region', 'board', 'area', 'department')
),

coverage as (
    select max(month) as last_month
    from worked_time
),

period_months as (
    select
        period_months.period_id,
        period_months.kind,
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
        age_group,
        sum(sick_hours) as sick_hours,
        sum(ordinary_hours) as ordinary_hours
    from worked_time
    group by month, unit_id, sex, age_group
),

months_by_group as (
    select month, unit_id, 'T' as sex, '' as breakdown, sick_hours, ordinary_hours
    from months_summed
    union all
    select month, unit_id, sex, '' as breakdown, sick_hours, ordinary_hours
    from months_summed
    where sex in ('K', 'M')
    union all
    select month, unit_id, 'T' as sex, age_group as breakdown, sick_hours, ordinary_hours
    from months_summed
    where age_group is not null
),

hours as (
    select
        period_months.period_id,
        unit_ancestors.ancestor_unit_id as unit_id,
        months_by_group.sex,
        months_by_group.breakdown,
        sum(months_by_group.sick_hours) as sick_hours,
        sum(months_by_group.ordinary_hours) as ordinary_hours
    from months_by_group
    inner join unit_ancestors on months_by_group.unit_id = unit_ancestors.unit_id
    inner join period_months on months_by_group.month = period_months.month
    where months_by_group.breakdown = '' or period_months.kind in ('tertial', 'year')
    group by
        period_months.period_id,
        unit_ancestors.ancestor_unit_id,
        months_by_group.sex,
        months_by_group.breakdown
),

persons as (
    select distinct
        period_months.period_id,
        period_months.kind,
        worked_time.unit_id,
        worked_time.sex,
        worked_time.age_group,
        worked_time.person_id
    from worked_time
    inner join period_months on worked_time.month = period_months.month
),

persons_in_ancestors as (
    select distinct
        persons.period_id,
        persons.kind,
        unit_ancestors.ancestor_unit_id as unit_id,
        persons.sex,
        persons.age_group,
        persons.person_id
    from persons
    inner join unit_ancestors on persons.unit_id = unit_ancestors.unit_id
),

persons_counted as (
    select
        period_id,
        unit_id,
        'T' as sex,
        '' as breakdown,
        count(distinct person_id) as person_count
    from persons_in_ancestors
    group by period_id, unit_id
    union all
    select
        period_id,
        unit_id,
        sex,
        '' as breakdown,
        count(distinct person_id) as person_count
    from persons_in_ancestors
    where sex in ('K', 'M')
    group by period_id, unit_id, sex
    union all
    select
        period_id,
        unit_id,
        'T' as sex,
        age_group as breakdown,
        count(distinct person_id) as person_count
    from persons_in_ancestors
    where age_group is not null and kind in ('tertial', 'year')
    group by period_id, unit_id, age_group
),

final as (
    select
        hours.unit_id,
        hours.period_id as period,
        hours.sex,
        hours.breakdown,
        cast(hours.sick_hours as decimal(18, 2)) as numerator,
        cast(hours.ordinary_hours as decimal(18, 2)) as denominator,
        persons_counted.person_count
    from hours
    inner join persons_counted
        on
            hours.period_id = persons_counted.period_id
            and hours.unit_id = persons_counted.unit_id
            and hours.sex = persons_counted.sex
            and hours.breakdown = persons_counted.breakdown
)

select * from final

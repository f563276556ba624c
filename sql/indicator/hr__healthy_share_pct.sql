-- One row per unit, period and sex.
-- Ordinary time of persons with at most 40 sick hours and at most 3 spells in the twelve months
-- that end with the period, over all ordinary time. Twelve months must have been delivered.
-- Months are not given: twelve overlapping windows say nothing about a month.
with

worked_time as (
    select
        month,
        person_id,
        unit_id,
        sex,
        ordinary_hours,
        sick_hours,
        sick_spells_started
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
    select
        min(month) as first_month,
        max(month) as last_month
    from worked_time
),

complete_periods as (
    select period_months.period_id
    from core.period_months
    cross join coverage
    where
        period_months.span = 'rolling_12'
        and period_months.kind in ('tertial', 'year')
    group by period_months.period_id
    having
        min(period_months.month) >= min(coverage.first_month)
        and max(period_months.month) <= max(coverage.last_month)
),

period_months as (
    select
        period_months.period_id,
        period_months.month
    from core.period_months
    inner join complete_periods on period_months.period_id = complete_periods.period_id
    where period_months.span = 'rolling_12'
),

persons as (
    select
        period_months.period_id,
        unit_ancestors.ancestor_unit_id as unit_id,
        worked_time.sex,
        worked_time.person_id,
        sum(worked_time.ordinary_hours) as ordinary_hours,
        sum(worked_time.sick_hours) as sick_hours,
        sum(worked_time.sick_spells_started) as spell_count
    from worked_time
    inner join unit_ancestors on worked_time.unit_id = unit_ancestors.unit_id
    inner join period_months on worked_time.month = period_months.month
    group by
        period_months.period_id,
        unit_ancestors.ancestor_unit_id,
        worked_time.sex,
        worked_time.person_id
),

judged as (
    select
        period_id,
        unit_id,
        sex,
        person_id,
        ordinary_hours,
        case when sick_hours <= 40 and spell_count <= 3 then ordinary_hours else 0 end
            as healthy_hours
    from persons
),

judged_by_sex as (
    select period_id, unit_id, 'T' as sex, person_id, ordinary_hours, healthy_hours
    from judged
    union all
    select period_id, unit_id, sex, person_id, ordinary_hours, healthy_hours
    from judged
    where sex in ('K', 'M')
),

final as (
    select
        unit_id,
        period_id as period,
        sex,
        '' as breakdown,
        cast(sum(healthy_hours) as decimal(18, 2)) as numerator,
        cast(sum(ordinary_hours) as decimal(18, 2)) as denominator,
        count(distinct person_id) as person_count
    from judged_by_sex
    group by unit_id, period_id, sex
)

select * from final

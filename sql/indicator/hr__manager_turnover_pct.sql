-- One row per unit, period and sex.
-- Managers and appointment holders of twelve months ago who no longer are in the unit, over the
-- mean number at both dates.
with

managers as (
    select distinct
        month,
        person_id,
        unit_id,
        sex
    from core.employments
    where is_manager or has_appointment
),

unit_ancestors as (
    select
        unit_id,
        ancestor_unit_id
    from core.unit_ancestors
    where ancestor_level in ('board', 'area')
),

delivered_months as (
    select distinct month
    from core.employments
),

complete_periods as (
    select period_months.period_id
    from core.period_months
    inner join delivered_months on period_months.month = delivered_months.month
    where period_months.span in ('last_month', 'twelve_months_before')
    group by period_months.period_id
    having count(*) = 2
),

period_months as (
    select
        period_months.period_id,
        period_months.span,
        period_months.month
    from core.period_months
    inner join complete_periods on period_months.period_id = complete_periods.period_id
    where period_months.span in ('last_month', 'twelve_months_before')
),

persons as (
    select
        period_months.period_id,
        unit_ancestors.ancestor_unit_id as unit_id,
        managers.person_id,
        max(managers.sex) as sex,
        max(case when period_months.span = 'twelve_months_before' then 1 else 0 end) as was_manager,
        max(case when period_months.span = 'last_month' then 1 else 0 end) as is_manager
    from managers
    inner join unit_ancestors on managers.unit_id = unit_ancestors.unit_id
    inner join period_months on managers.month = period_months.month
    group by
        period_months.period_id,
        unit_ancestors.ancestor_unit_id,
        managers.person_id
),

persons_by_sex as (
    select period_id, unit_id, 'T' as sex, was_manager, is_manager
    from persons
    union all
    select period_id, unit_id, sex, was_manager, is_manager
    from persons
    where sex in ('K', 'M')
),

final as (
    select
        unit_id,
        period_id as period,
        sex,
        '' as breakdown,
        cast(
            sum(case when was_manager = 1 and is_manager = 0 then 1 else 0 end) as decimal(18, 1)
        ) as numerator,
        cast(
            cast(sum(was_manager + is_manager) as decimal(16, 0)) * cast(0.5 as decimal(2, 1))
            as decimal(18, 1)
        ) as denominator,
        count(*) as person_count
    from persons_by_sex
    group by unit_id, period_id, sex
)

select * from final

-- One row per period, sex and area, for the region.
-- Assessments within three days of the decision over all that the guarantee holds for.
-- Areas are given for tertials and years, without sex, and only when each of them has at least
-- twenty assessments: a missing area could else be had by subtraction.
with

assessments as (
    select
        month,
        sex,
        area_name,
        assessed_count,
        within_count
    from core.care_assessments
),

coverage as (
    select max(month) as last_month
    from assessments
),

period_months as (
    select
        period_months.period_id,
        period_months.month,
        period_months.kind
    from core.period_months
    cross join coverage
    where
        period_months.span = 'period'
        and period_months.opens_month <= coverage.last_month
),

assessments_by_group as (
    select month, 'T' as sex, '' as breakdown, assessed_count, within_count
    from assessments
    union all
    select month, sex, '' as breakdown, assessed_count, within_count
    from assessments
    where sex in ('K', 'M')
    union all
    select month, 'T' as sex, area_name as breakdown, assessed_count, within_count
    from assessments
    where area_name is not null
),

groups_summed as (
    select
        period_months.period_id,
        period_months.kind,
        assessments_by_group.sex,
        assessments_by_group.breakdown,
        sum(assessments_by_group.assessed_count) as assessed_count,
        sum(assessments_by_group.within_count) as within_count
    from assessments_by_group
    inner join period_months on assessments_by_group.month = period_months.month
    group by
        period_months.period_id,
        period_months.kind,
        assessments_by_group.sex,
        assessments_by_group.breakdown
),

area_periods as (
    select period_id
    from groups_summed
    where breakdown <> '' and kind in ('tertial', 'year')
    group by period_id
    having min(assessed_count) >= 20
),

final as (
    select
        'RJH' as unit_id,
        groups_summed.period_id as period,
        groups_summed.sex,
        groups_summed.breakdown,
        cast(groups_summed.within_count as bigint) as numerator,
        cast(groups_summed.assessed_count as bigint) as denominator,
        cast(groups_summed.assessed_count as bigint) as person_count
    from groups_summed
    left join area_periods on groups_summed.period_id = area_periods.period_id
    where
        groups_summed.assessed_count > 0
        and (groups_summed.breakdown = '' or area_periods.period_id is not null)
)

select * from final

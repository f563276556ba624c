-- One row per period, sex and area, for the region.
-- Talks held since January over the whole year's target group; months alone are not given, since
-- a month's talks over a year's group mean nothing. Areas are given without sex.
with

talks as (
    select
        month,
        sex,
        area_name,
        talk_count
    from core.health_talks
),

target_groups as (
    select
        year,
        sex,
        area_name,
        person_count
    from core.health_talk_target_groups
),

coverage as (
    select max(month) as last_month
    from talks
),

period_months as (
    select
        period_months.period_id,
        period_months.month,
        periods.year
    from core.period_months
    inner join core.periods on period_months.period_id = periods.period_id
    cross join coverage
    where
        period_months.span = 'period'
        and periods.kind in ('tertial', 'year')
        and period_months.opens_month <= coverage.last_month
),

talks_by_group as (
    select month, 'T' as sex, '' as breakdown, talk_count
    from talks
    union all
    select month, sex, '' as breakdown, talk_count
    from talks
    where sex in ('K', 'M')
    union all
    select month, 'T' as sex, area_name as breakdown, talk_count
    from talks
    where area_name is not null
),

target_groups_by_group as (
    select year, 'T' as sex, '' as breakdown, person_count
    from target_groups
    union all
    select year, sex, '' as breakdown, person_count
    from target_groups
    where sex in ('K', 'M')
    union all
    select year, 'T' as sex, area_name as breakdown, person_count
    from target_groups
    where area_name is not null
),

talks_summed as (
    select
        period_months.period_id,
        period_months.year,
        talks_by_group.sex,
        talks_by_group.breakdown,
        sum(talks_by_group.talk_count) as talk_count
    from talks_by_group
    inner join period_months on talks_by_group.month = period_months.month
    group by
        period_months.period_id,
        period_months.year,
        talks_by_group.sex,
        talks_by_group.breakdown
),

target_groups_summed as (
    select
        year,
        sex,
        breakdown,
        sum(person_count) as person_count
    from target_groups_by_group
    group by year, sex, breakdown
),

final as (
    select
        'RJH' as unit_id,
        talks_summed.period_id as period,
        talks_summed.sex,
        talks_summed.breakdown,
        cast(talks_summed.talk_count as bigint) as numerator,
        cast(target_groups_summed.person_count as bigint) as denominator,
        cast(target_groups_summed.person_count as bigint) as person_count
    from talks_summed
    inner join target_groups_summed
        on
            talks_summed.year = target_groups_summed.year
            and talks_summed.sex = target_groups_summed.sex
            and talks_summed.breakdown = target_groups_summed.breakdown
)

select * from final

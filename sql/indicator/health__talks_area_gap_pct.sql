-- One row per tertial and year, for the region.
-- The share of the area with most health talks less the share of the one with fewest. The
-- difference of two ratios is itself a ratio, (ad - bc) / bd: nothing is rounded on the way.
with

talks as (
    select
        month,
        area_name,
        talk_count
    from core.health_talks
    where area_name is not null
),

target_groups as (
    select
        year,
        area_name,
        sum(person_count) as person_count
    from core.health_talk_target_groups
    where area_name is not null
    group by year, area_name
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

talks_summed as (
    select
        period_months.period_id,
        period_months.year,
        talks.area_name,
        sum(talks.talk_count) as talk_count
    from talks
    inner join period_months on talks.month = period_months.month
    group by period_months.period_id, period_months.year, talks.area_name
),

areas as (
    select
        talks_summed.period_id,
        target_groups.person_count,
        talks_summed.talk_count,
        row_number() over (
            partition by talks_summed.period_id
            order by
                cast(talks_summed.talk_count as double)
                / cast(target_groups.person_count as double) desc nulls last,
                talks_summed.area_name asc nulls last
        ) as place,
        count(*) over (partition by talks_summed.period_id) as area_count
    from talks_summed
    inner join target_groups
        on
            talks_summed.year = target_groups.year
            and talks_summed.area_name = target_groups.area_name
    -- In a smaller group one person moves the share by more than five points.
    where target_groups.person_count >= 20
),

ends as (
    select
        period_id,
        sum(case when place = 1 then talk_count else 0 end) as most_talks,
        sum(case when place = 1 then person_count else 0 end) as most_persons,
        sum(case when place = area_count then talk_count else 0 end) as fewest_talks,
        sum(case when place = area_count then person_count else 0 end) as fewest_persons
    from areas
    where area_count >= 2
    group by period_id
),

final as (
    select
        'RJH' as unit_id,
        period_id as period,
        'T' as sex,
        '' as breakdown,
        cast(most_talks * fewest_persons - fewest_talks * most_persons as bigint) as numerator,
        cast(most_persons * fewest_persons as bigint) as denominator,
        cast(null as bigint) as person_count
    from ends
)

select * from final

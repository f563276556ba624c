-- One row per year, grade and sex, for the region, and the same for the year's last tertial.
-- Pupils who rate their health as good or very good over all who answered. The two grades are two
-- series: there is no figure for both together.
with

answers as (
    select
        year,
        grade,
        sex,
        answered_count,
        good_count
    from core.pupil_health
),

periods as (
    select
        period_id,
        year
    from core.periods
    where kind = 'year' or (kind = 'tertial' and number = 3)
),

answers_by_sex as (
    select year, grade, 'T' as sex, answered_count, good_count
    from answers
    union all
    select year, grade, sex, answered_count, good_count
    from answers
    where sex in ('K', 'M')
),

answers_summed as (
    select
        year,
        sex,
        case grade when 'grade_7' then 'Årskurs 7' else 'Gymnasiet årskurs 1' end as breakdown,
        sum(answered_count) as answered_count,
        sum(good_count) as good_count
    from answers_by_sex
    group by year, sex, breakdown
),

final as (
    select
        'RJH' as unit_id,
        periods.period_id as period,
        answers_summed.sex,
        answers_summed.breakdown,
        cast(answers_summed.good_count as bigint) as numerator,
        cast(answers_summed.answered_count as bigint) as denominator,
        cast(answers_summed.answered_count as bigint) as person_count
    from answers_summed
    inner join periods on answers_summed.year = periods.year
    where answers_summed.answered_count > 0
)

select * from final

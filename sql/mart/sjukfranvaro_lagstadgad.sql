-- One row per tertial, level and figure: the seven figures of sick leave that the law lists, for
-- the region and the board, this year and last.
-- Read from the outcomes, never from the hours, so that a hidden cell cannot be worked out here.
with

outcomes as (
    select
        id,
        unit_id,
        period,
        sex,
        breakdown,
        value,
        missing
    from indicator.outcomes
    where
        id in ('hr__sick_leave_pct', 'hr__long_term_sick_share_pct')
        and unit_id in ('RJH', 'RS')
),

tertials as (
    select
        period_id,
        previous_period_id
    from core.periods
    where kind = 'tertial'
),

units as (
    select
        unit_id,
        unit_name,
        sort_order
    from core.units
),

age_groups as (
    select
        age_group,
        cast(sort_order as bigint) as sort_order
    from seed.age_groups
),

figures as (
    select
        'hr__sick_leave_pct' as id,
        'T' as sex,
        '' as breakdown,
        'Total sjukfrånvaro' as measure_name,
        10 as place
    union all
    select
        'hr__long_term_sick_share_pct' as id,
        'T' as sex,
        '' as breakdown,
        'Varav sjukfall på 60 dagar eller mer' as measure_name,
        20 as place
    union all
    select
        'hr__sick_leave_pct' as id,
        'K' as sex,
        '' as breakdown,
        'Kvinnor' as measure_name,
        30 as place
    union all
    select
        'hr__sick_leave_pct' as id,
        'M' as sex,
        '' as breakdown,
        'Män' as measure_name,
        40 as place
    union all
    select
        'hr__sick_leave_pct' as id,
        'T' as sex,
        age_group as breakdown,
        age_group as measure_name,
        50 + sort_order as place
    from age_groups
),

final as (
    select
        outcomes.period as report_period,
        units.sort_order * 1000 + figures.place as sort_order,
        case when figures.place = 10 then 'subtotal' else 'body' end as row_kind,
        units.unit_name,
        figures.measure_name,
        cast(outcomes.value as decimal(18, 9)) as value_pct,
        cast(previous.value as decimal(18, 9)) as previous_pct,
        outcomes.missing as value_pct_missing,
        coalesce(previous.missing, case when previous.id is null then 'not_available' end)
            as previous_pct_missing
    from outcomes
    inner join tertials on outcomes.period = tertials.period_id
    inner join figures
        on
            outcomes.id = figures.id
            and outcomes.sex = figures.sex
            and outcomes.breakdown = figures.breakdown
    inner join units on outcomes.unit_id = units.unit_id
    left join outcomes as previous
        on
            tertials.previous_period_id = previous.period
            and outcomes.id = previous.id
            and outcomes.unit_id = previous.unit_id
            and outcomes.sex = previous.sex
            and outcomes.breakdown = previous.breakdown
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

-- One row per tertial and means of travel or fuel, and one for all: emissions from January against
-- the same months of the base years.
-- Read from the outcomes, so that the figures are the same here and among the indicators.
with

outcomes as (
    select
        id,
        period,
        breakdown,
        numerator,
        denominator,
        value
    from indicator.outcomes
    where
        id in (
            'climate__travel_co2_tonnes',
            'climate__travel_co2_change_pct',
            'climate__travel_co2_2010_change_pct'
        )
        and unit_id = 'RJH'
        and sex = 'T'
        and value is not null
),

tertials as (
    select period_id
    from core.periods
    where kind = 'tertial'
),

side_by_side as (
    select
        period,
        breakdown,
        max(numerator) filter (where id = 'climate__travel_co2_tonnes') as current_t,
        max(denominator) filter (where id = 'climate__travel_co2_2010_change_pct')
            as base_2010_co2e_g,
        max(denominator) filter (where id = 'climate__travel_co2_change_pct')
            as base_2019_co2e_g,
        max(value) filter (where id = 'climate__travel_co2_2010_change_pct') as change_2010_pct,
        max(value) filter (where id = 'climate__travel_co2_change_pct') as change_2019_pct
    from outcomes
    group by period, breakdown
),

names as (
    select
        means_name,
        min(activity) as activity
    from core.emissions
    group by means_name
),

final as (
    select
        side_by_side.period as report_period,
        row_number() over (
            partition by side_by_side.period
            order by
                (side_by_side.breakdown = '') asc nulls last,
                names.activity desc nulls last,
                side_by_side.breakdown asc nulls last
        ) as sort_order,
        case when side_by_side.breakdown = '' then 'sum' else 'body' end as row_kind,
        case when side_by_side.breakdown = '' then 'Totalt' else side_by_side.breakdown end
            as means_name,
        cast(side_by_side.base_2010_co2e_g * 0.000001 as decimal(18, 3)) as base_2010_t,
        cast(side_by_side.base_2019_co2e_g * 0.000001 as decimal(18, 3)) as base_2019_t,
        cast(side_by_side.current_t as decimal(18, 3)) as current_t,
        cast(side_by_side.change_2010_pct as decimal(18, 9)) as change_2010_pct,
        cast(side_by_side.change_2019_pct as decimal(18, 9)) as change_2019_pct,
        -- What a base year did not use has no figure there, which is not the same as unknown.
        case when side_by_side.base_2010_co2e_g is null then 'cannot_occur' end
            as base_2010_t_missing,
        case when side_by_side.base_2019_co2e_g is null then 'cannot_occur' end
            as base_2019_t_missing,
        case when side_by_side.change_2010_pct is null then 'cannot_occur' end
            as change_2010_pct_missing,
        case when side_by_side.change_2019_pct is null then 'cannot_occur' end
            as change_2019_pct_missing
    from side_by_side
    inner join tertials on side_by_side.period = tertials.period_id
    left join names on side_by_side.breakdown = names.means_name
    where side_by_side.current_t is not null
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

-- One row per year, for the region and for the nation, and the same for the year's last tertial.
-- Gross regional product in thousands of kronor over the mean population.
with

areas as (
    select
        year,
        region_kind,
        grp_msek * 1000 as numerator,
        grp_mean_inhabitants as denominator
    from core.regional_economy
    where region_kind in ('own', 'nation')
),

periods as (
    select
        period_id,
        year
    from core.periods
    where kind = 'year' or (kind = 'tertial' and number = 3)
),

final as (
    select
        'RJH' as unit_id,
        periods.period_id as period,
        'T' as sex,
        case areas.region_kind when 'nation' then 'Riket' else '' end as breakdown,
        cast(areas.numerator as decimal(24, 4)) as numerator,
        cast(areas.denominator as decimal(24, 4)) as denominator,
        cast(null as bigint) as person_count
    from areas
    inner join periods on areas.year = periods.year
    where areas.numerator is not null and areas.denominator > 0
)

select * from final

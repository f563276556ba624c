-- One row per year, for the region.
-- Electricity and heat, heat corrected to a normal year, over the mean area of the region's own
-- buildings.
-- Only whole years are given: half a year of heating cannot be compared with a year's target.
with

energy as (
    select
        month,
        area_m2,
        electricity_kwh,
        normal_heat_kwh
    from core.energy
    where is_own
),

period_months as (
    select
        period_id,
        month
    from core.period_months
    where span = 'period' and kind = 'year'
),

years_summed as (
    select
        period_months.period_id,
        sum(energy.electricity_kwh + energy.normal_heat_kwh) as energy_kwh,
        sum(energy.area_m2) as area_months_m2,
        count(distinct energy.month) as month_count
    from energy
    inner join period_months on energy.month = period_months.month
    group by period_months.period_id
),

final as (
    select
        'RJH' as unit_id,
        period_id as period,
        'T' as sex,
        '' as breakdown,
        cast(energy_kwh as decimal(18, 4)) as numerator,
        cast(
            cast(area_months_m2 as double) / cast(12 as double) as decimal(18, 4)
        ) as denominator,
        cast(null as bigint) as person_count
    from years_summed
    where month_count = 12
)

select * from final

-- One row per month and building.
-- Heat is corrected to a normal month by the share of degree days; a month without share is not.
with

energy as (
    select * from staging.climate__energy
),

final as (
    select
        month,
        building_id,
        cast(area_m2 as decimal(10, 1)) as area_m2,
        cast(electricity_kwh as decimal(14, 1)) as electricity_kwh,
        cast(heat_kwh as decimal(14, 1)) as heat_kwh,
        degree_day_share,
        cast(
            cast(heat_kwh as double)
            / cast(coalesce(nullif(degree_day_share, 0), 1) as double)
            as decimal(18, 4)
        ) as normal_heat_kwh,
        _delivery,
        _row
    from energy
)

select * from final

-- One row per month and building.
-- The part of the heat that follows the weather is corrected to a normal month; hot water is not.
-- The share of degree days is worked out from the weather where the whole month is known, otherwise
-- it is the one the sender gives; a month without either is not corrected.
with

energy as (
    select * from staging.climate__energy
),

weather_shares as (
    select
        cast(value as double) as weather_share,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from core.method_settings
    where setting = 'heat_weather_share'
),

with_share as (
    select
        energy.month,
        energy.building_id,
        energy.area_m2,
        energy.electricity_kwh,
        energy.heat_kwh,
        energy.is_own,
        coalesce(degree_days.degree_day_share, energy.degree_day_share) as degree_day_share,
        coalesce(weather_shares.weather_share, 1) as weather_share,
        energy._delivery,
        energy._row
    from energy
    left join core.degree_days on energy.month = degree_days.month
    left join weather_shares
        on energy.month between weather_shares.valid_from and weather_shares.valid_to
),

final as (
    select
        month,
        building_id,
        is_own,
        cast(area_m2 as decimal(10, 1)) as area_m2,
        cast(electricity_kwh as decimal(14, 1)) as electricity_kwh,
        cast(heat_kwh as decimal(14, 1)) as heat_kwh,
        cast(degree_day_share as decimal(9, 6)) as degree_day_share,
        cast(
            cast(heat_kwh as double)
            * (
                1 - weather_share
                + weather_share
                / cast(coalesce(nullif(degree_day_share, 0), 1) as double)
            )
            as decimal(18, 4)
        ) as normal_heat_kwh,
        _delivery,
        _row
    from with_share
)

select * from final

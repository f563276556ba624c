-- One row per month, means of travel and unit of the quantity.
-- A source may give the code or the name of a means. Emissions are distance times the factor in
-- force; a means without factor has none and an audit names it.
with

travel as (
    select * from staging.climate__travel
),

factors as (
    select
        means,
        means_name,
        year_from,
        year_to,
        g_co2e_per_unit
    from core.emission_factors
    where activity = 'travel'
),

final as (
    select
        travel.month,
        coalesce(factors.means, travel.means) as means,
        coalesce(factors.means_name, travel.means) as means_name,
        travel.quantity,
        travel.quantity_unit,
        cast(travel.distance_km as decimal(16, 2)) as distance_km,
        factors.g_co2e_per_unit,
        cast(
            cast(travel.distance_km as decimal(16, 2)) * factors.g_co2e_per_unit
            as decimal(30, 6)
        ) as co2e_g,
        travel._delivery,
        travel._row
    from travel
    left join factors
        on
            (travel.means = factors.means or travel.means = lower(factors.means_name))
            and extract(year from travel.month) between factors.year_from and factors.year_to
)

select * from final

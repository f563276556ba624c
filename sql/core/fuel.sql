-- One row per month, fuel and unit of the quantity.
-- A source may give the code or the name of a fuel. Emissions are quantity times the factor in
-- force.
with

fuel as (
    select * from staging.climate__fuel
),

factors as (
    select
        means,
        means_name,
        quantity_unit,
        year_from,
        year_to,
        g_co2e_per_unit
    from core.emission_factors
    where activity = 'fuel'
),

final as (
    select
        fuel.month,
        coalesce(factors.means, fuel.fuel) as fuel,
        coalesce(factors.means_name, fuel.fuel) as fuel_name,
        fuel.quantity,
        fuel.quantity_unit,
        factors.g_co2e_per_unit,
        cast(fuel.quantity * factors.g_co2e_per_unit as decimal(30, 6)) as co2e_g,
        fuel._delivery,
        fuel._row
    from fuel
    left join factors
        on
            (fuel.fuel = factors.means or fuel.fuel = lower(factors.means_name))
            and fuel.quantity_unit = factors.quantity_unit
            and extract(year from fuel.month) between factors.year_from and factors.year_to
)

select * from final

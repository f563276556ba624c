-- One row per means or fuel, unit and first year.
-- A factor holds from its year until a later one is given.
select
    means,
    means_name,
    activity,
    quantity_unit,
    cast(year_from as bigint) as year_from,
    cast(
        coalesce(
            lead(cast(year_from as bigint)) over (
                partition by means, quantity_unit
                order by cast(year_from as bigint) asc nulls last
            ),
            10000
        ) - 1 as bigint
    ) as year_to,
    cast(g_co2e_per_unit as decimal(12, 4)) as g_co2e_per_unit,
    scope,
    source
from seed.emission_factors

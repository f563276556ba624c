-- One row per month, fraction and treatment.
select
    month,
    fraction,
    treatment,
    weight_kg,
    case when is_recycled then weight_kg else 0 end as recycled_kg
from core.waste

-- One row per month, unit and product in the register.
-- A product is assessed when its assessment is finished and signed by the snapshot's last day.
select
    month,
    unit_id,
    product_id,
    cast(1 as bigint) as product_count,
    cast(
        case
            when assessment_status = 'slutförd' and signed_date <= last_day(month) then 1
            else 0
        end as bigint
    ) as assessed_count
from core.chemical_products

-- One row per snapshot of the register, unit and product.
-- Whether the risk of handling the product is assessed and signed.
select
    month,
    unit_id,
    product_id,
    assessment_status,
    signed_date,
    _delivery,
    _row
from staging.chemicals__products

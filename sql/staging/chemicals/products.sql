-- One row per snapshot of the register, unit and product.
-- A product without a word about its assessment has none.
select
    month,
    unit_code as unit_id,
    product_id,
    product_name,
    hazard_class,
    coalesce(assessment_status, 'saknas') as assessment_status,
    signed_date,
    _delivery,
    _row
from raw.chemicals__products

-- severity: warn
-- En signerad riskbedömning är slutförd, och en slutförd är signerad
-- public: month, unit_id, product_id, assessment_status, signed_date
select
    month,
    unit_id,
    product_id,
    assessment_status,
    signed_date
from core.chemical_products
where (signed_date is not null) <> (assessment_status = 'slutförd')

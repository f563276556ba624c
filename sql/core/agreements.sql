-- One row per agreement and supplier.
-- The register is never complete: what is not in it is unknown, not disloyal.
select
    agreement_id,
    supplier_id,
    supplier_name,
    title,
    category,
    valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to,
    is_eu_project,
    _delivery,
    _row
from staging.agreements__register

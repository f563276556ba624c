-- One row per agreement and supplier.
-- An agreement without a last day holds until further notice.
select
    agreement_id,
    supplier_id,
    supplier_name,
    nullif(title, '') as title,
    nullif(category, '') as category,
    valid_from,
    valid_to,
    coalesce(is_eu_project, false) as is_eu_project,
    _delivery,
    _row
from raw.agreements__register

-- One row per record of the bibliography.
-- The DOI in lower case, since it does not tell them apart.
select
    year,
    record_id,
    title,
    publication_type,
    content_type,
    nullif(lower(trim(doi)), '') as doi,
    registered_date,
    _delivery,
    _row
from raw.publications__records

-- severity: warn
-- En tillsatt rekrytering har en dag, och den kommer inte före annonsen
-- public: reference, published_date, filled_date, status
select
    reference,
    published_date,
    filled_date,
    status
from core.recruitments
where
    filled_date < published_date
    or (status = 'tillsatt' and filled_date is null)
    or (status <> 'tillsatt' and filled_date is not null)

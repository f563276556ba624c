-- One row per month and information asset.
-- Classified is what was decided before the month ended and is documented.
select
    month,
    asset_id,
    is_prioritised,
    coalesce(classified_date < month + interval 1 month, false) and is_documented as is_classified,
    _delivery,
    _row
from staging.information_classes__assets

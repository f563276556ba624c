-- One row per month and information asset.
-- The name stays here: a list of what is not classified is of use to an intruder.
select
    month,
    asset_id,
    is_prioritised,
    classified_date,
    is_documented,
    _delivery,
    _row
from raw.information_classes__assets

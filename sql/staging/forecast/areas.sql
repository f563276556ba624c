-- One row per period, area and version of its full-year forecast.
-- The source writes millions of kronor; thousands here, as everywhere else.
select
    period,
    unit_id,
    version,
    year,
    cast(forecast_mkr * 1000 as decimal(18, 3)) as forecast_tkr,
    submitted_date,
    responsible_role,
    nullif(comment, '') as comment,
    _delivery,
    _row
from raw.forecast__areas

-- One row per day.
-- Mean temperature of the day at the station.
select
    day,
    cast(date_trunc('month', day) as date) as month,
    mean_temperature_c,
    quality,
    _delivery,
    _row
from raw.weather__daily_means

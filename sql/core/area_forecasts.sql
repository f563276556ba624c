-- One row per period, area and version of its full-year forecast.
-- The version submitted last is the one that holds; `previous_tkr` is the forecast for the same
-- year that held before it.
with

forecasts as (
    select * from staging.forecast__areas
),

final as (
    select
        period,
        unit_id,
        version,
        year,
        forecast_tkr,
        lag(forecast_tkr) over (
            partition by unit_id, year
            order by period asc nulls last, version asc nulls last
        ) as previous_tkr,
        version = max(version) over (partition by period, unit_id) as is_latest,
        submitted_date,
        responsible_role,
        comment,
        _delivery,
        _row
    from forecasts
)

select * from final

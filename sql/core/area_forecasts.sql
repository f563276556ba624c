-- One row per period, area and version of its full-year forecast.
-- The version submitted last is the one that holds; `previous_tkr` is the forecast for the same
-- year that held before it, of an area that held the same units then. `is_same_unit` says whether
-- the area holds what it holds in the organisation that the release is built on.
with

forecasts as (
    select
        areas.*,
        organisation_contents.content,
        coalesce(organisation_contents.is_as_latest, false) as is_same_unit
    from staging.forecast__areas as areas
    left join core.period_organisations on areas.period = period_organisations.period_id
    left join core.organisation_contents
        on
            period_organisations.organisation_id = organisation_contents.organisation_id
            and areas.unit_id = organisation_contents.unit_id
),

final as (
    select
        period,
        unit_id,
        version,
        year,
        forecast_tkr,
        lag(forecast_tkr) over (
            partition by unit_id, year, content
            order by period asc nulls last, version asc nulls last
        ) as previous_tkr,
        version = max(version) over (partition by period, unit_id) as is_latest,
        is_same_unit,
        submitted_date,
        responsible_role,
        comment,
        _delivery,
        _row
    from forecasts
)

select * from final

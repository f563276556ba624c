-- One row per area and tertial, and for the board when all its areas have a forecast.
-- The responsible person's own full-year forecast, the version submitted last, against the frame in
-- force at the period's end. Costs are negative, so the frame, which is money given, is added.
with

forecasts as (
    select
        period,
        unit_id,
        year,
        forecast_tkr
    from core.area_forecasts
    where is_latest
),

frame_entries as (
    select
        year,
        unit_id,
        in_force_from,
        amount_tkr
    from core.frame_entries
    where unit_id is not null
),

periods as (
    select
        period_id,
        last_month
    from core.periods
    where kind = 'tertial'
),

unit_ancestors as (
    select
        unit_id,
        ancestor_unit_id,
        ancestor_level
    from core.unit_ancestors
    where ancestor_level in ('area', 'board')
),

forecast_periods as (
    select distinct
        forecasts.period,
        forecasts.year,
        periods.last_month
    from forecasts
    inner join periods on forecasts.period = periods.period_id
),

frames as (
    select
        forecast_periods.period,
        frame_entries.unit_id,
        sum(frame_entries.amount_tkr) as frame_tkr
    from forecast_periods
    inner join frame_entries
        on
            forecast_periods.year = frame_entries.year
            and forecast_periods.last_month + interval 1 month > frame_entries.in_force_from
    group by forecast_periods.period, frame_entries.unit_id
),

forecasts_above as (
    select
        forecasts.period,
        unit_ancestors.ancestor_unit_id as unit_id,
        unit_ancestors.ancestor_level,
        sum(forecasts.forecast_tkr) as forecast_tkr
    from forecasts
    inner join unit_ancestors on forecasts.unit_id = unit_ancestors.unit_id
    group by
        forecasts.period,
        unit_ancestors.ancestor_unit_id,
        unit_ancestors.ancestor_level
),

frames_above as (
    select
        frames.period,
        unit_ancestors.ancestor_unit_id as unit_id,
        sum(frames.frame_tkr) as frame_tkr
    from frames
    inner join unit_ancestors on frames.unit_id = unit_ancestors.unit_id
    group by frames.period, unit_ancestors.ancestor_unit_id
),

-- A sum over areas of which one has no forecast would be a false total.
areas_without_forecast as (
    select
        frames_above.period,
        count(*) as area_count
    from frames_above
    inner join unit_ancestors
        on
            frames_above.unit_id = unit_ancestors.unit_id
            and frames_above.unit_id = unit_ancestors.ancestor_unit_id
            and unit_ancestors.ancestor_level = 'area'
    left join forecasts_above
        on
            frames_above.period = forecasts_above.period
            and frames_above.unit_id = forecasts_above.unit_id
    where forecasts_above.unit_id is null
    group by frames_above.period
),

final as (
    select
        forecasts_above.unit_id,
        forecasts_above.period,
        'T' as sex,
        '' as breakdown,
        cast(forecasts_above.forecast_tkr + frames_above.frame_tkr as decimal(18, 3)) as numerator,
        cast(null as decimal(18, 3)) as denominator,
        cast(null as bigint) as person_count
    from forecasts_above
    inner join frames_above
        on
            forecasts_above.period = frames_above.period
            and forecasts_above.unit_id = frames_above.unit_id
    left join areas_without_forecast on forecasts_above.period = areas_without_forecast.period
    where
        forecasts_above.ancestor_level = 'area'
        or areas_without_forecast.period is null
)

select * from final

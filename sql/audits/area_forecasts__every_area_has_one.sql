-- severity: warn
-- Varje område med en budgetram har en prognos i de perioder där prognoser har lämnats
-- public: period, unit_id, frame_tkr
with

forecast_periods as (
    select distinct
        period,
        year
    from core.area_forecasts
),

frames as (
    select
        year,
        unit_id,
        sum(amount_tkr) as frame_tkr
    from core.frame_entries
    where unit_id is not null
    group by year, unit_id
)

select
    forecast_periods.period,
    frames.unit_id,
    frames.frame_tkr
from forecast_periods
inner join frames on forecast_periods.year = frames.year
left join core.area_forecasts
    on
        forecast_periods.period = area_forecasts.period
        and frames.unit_id = area_forecasts.unit_id
where area_forecasts.unit_id is null

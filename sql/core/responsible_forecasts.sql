-- One row per full-year forecast that a responsible role has made of an indicator.
-- The areas' forecasts of the year's net outcome, every version: which one counts follows from the
-- day it was made. `is_same_unit` says whether the unit holds the same units now as it did then; a
-- forecast of other units is not put beside an outcome.
with

area_forecasts as (
    select
        submitted_date,
        unit_id,
        year,
        forecast_tkr,
        responsible_role,
        version,
        is_same_unit
    from core.area_forecasts
),

final as (
    select
        submitted_date as made_on,
        'economy__net_outcome_tkr' as indicator_id,
        unit_id,
        year,
        version,
        forecast_tkr as value,
        'tkr' as unit,
        responsible_role as author_role,
        is_same_unit
    from area_forecasts
)

select * from final

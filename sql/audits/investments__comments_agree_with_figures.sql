-- severity: warn
-- Det belopp som en kommentar säger ska användas i år är objektets prognos
-- public: period, object_name, forecast_tkr, told, comment, _delivery, _row
with

amounts as (
    select
        *,
        regexp_extract(
            comment,
            '[Nn]yttja(?:[^0-9]*20[0-9]{2})?[^0-9]*([0-9][0-9  ]*(?:,[0-9]+)?) ?(tkr|mkr)',
            1
        ) as amount_text,
        regexp_extract(
            comment,
            '[Nn]yttja(?:[^0-9]*20[0-9]{2})?[^0-9]*([0-9][0-9  ]*(?:,[0-9]+)?) ?(tkr|mkr)',
            2
        ) as amount_unit
    from core.investments
),

read as (
    select
        amounts.*,
        cast(
            replace(replace(replace(amounts.amount_text, ' ', ''), ' ', ''), ',', '.')
            as decimal(18, 3)
        ) * cast(money_units.tkr_factor as decimal(10, 3)) as amount_tkr,
        case
            when contains(amounts.amount_text, ',') then 0.05
            else 0.5
        end * cast(money_units.tkr_factor as decimal(10, 3)) as half_unit_tkr
    from amounts
    inner join seed.money_units on amounts.amount_unit = money_units.unit
    where amounts.amount_text <> ''
)

select
    period,
    object_name,
    forecast_tkr,
    amount_text || ' ' || amount_unit as told,
    comment,
    _delivery,
    _row
from read
where
    forecast_tkr is null
    or abs(forecast_tkr - amount_tkr) > half_unit_tkr

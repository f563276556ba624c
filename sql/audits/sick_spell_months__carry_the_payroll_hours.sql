-- severity: warn
-- Lönesystemets sjuktimmar i varje intervall motsvaras av frånvaroperioder på samma dagar
with

spell_days as (
    select
        month,
        employment_id,
        sum(days_day_1_14) as days_day_1_14,
        sum(days_day_15_59) as days_day_15_59,
        sum(days_day_60_on) as days_day_60_on
    from core.sick_spell_months
    group by month, employment_id
)

select
    worked_time._delivery,
    worked_time._row,
    worked_time.month
from core.worked_time
inner join spell_days
    on
        worked_time.month = spell_days.month
        and worked_time.employment_id = spell_days.employment_id
where
    (worked_time.sick_hours_day_1_14 > 0 and spell_days.days_day_1_14 = 0)
    or (worked_time.sick_hours_day_15_59 > 0 and spell_days.days_day_15_59 = 0)
    or (worked_time.sick_hours_day_60_on > 0 and spell_days.days_day_60_on = 0)

-- severity: warn
-- Ett rapporterat utfall som också räknas ur rader är det räknade, avrundat likadant
select
    reported_outcomes.indicator_id,
    reported_outcomes.unit_id,
    reported_outcomes.period,
    reported_outcomes.sex,
    reported_outcomes.numerator as reported_value,
    outcomes.value as computed_value
from core.reported_outcomes
inner join indicator.outcomes
    on
        reported_outcomes.indicator_id = outcomes.id
        and reported_outcomes.unit_id = outcomes.unit_id
        and reported_outcomes.period = outcomes.period
        and reported_outcomes.sex = outcomes.sex
        and outcomes.breakdown = ''
where
    reported_outcomes.denominator is null
    and outcomes.value is not null
    and round(cast(reported_outcomes.numerator as double), cast(outcomes.decimals as integer))
    <> round(outcomes.value, cast(outcomes.decimals as integer))

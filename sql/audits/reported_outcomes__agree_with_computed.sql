-- severity: warn
-- Ett rapporterat utfall som även räknas ur en källa är det räknade
with

reported as (
    select
        indicator_id,
        unit_id,
        period,
        sex,
        numerator,
        denominator
    from core.reported_outcomes
),

computed as (
    select
        id,
        unit_id,
        period,
        sex,
        numerator,
        denominator
    from indicator.outcomes
    where breakdown = '' and missing is null
)

select
    reported.indicator_id,
    reported.unit_id,
    reported.period,
    reported.numerator as reported_numerator,
    reported.denominator as reported_denominator,
    computed.numerator as computed_numerator,
    computed.denominator as computed_denominator
from reported
inner join computed
    on
        reported.indicator_id = computed.id
        and reported.unit_id = computed.unit_id
        and reported.period = computed.period
        and reported.sex = computed.sex
where
    cast(reported.numerator as double) / cast(coalesce(reported.denominator, 1) as double)
    <> cast(computed.numerator as double) / cast(coalesce(computed.denominator, 1) as double)

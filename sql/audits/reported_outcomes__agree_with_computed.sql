-- severity: warn
-- Ett rapporterat utfall som också räknas ur rader är det räknade, avrundat likadant
-- public: indicator_id, unit_id, period, sex, reported_numerator, reported_denominator
-- public: computed_numerator, computed_denominator, computed_value
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
        denominator,
        value,
        cast(decimals as integer) as decimals
    from indicator.outcomes
    where breakdown = '' and value is not null
)

select
    reported.indicator_id,
    reported.unit_id,
    reported.period,
    reported.sex,
    reported.numerator as reported_numerator,
    reported.denominator as reported_denominator,
    computed.numerator as computed_numerator,
    computed.denominator as computed_denominator,
    computed.value as computed_value
from reported
inner join computed
    on
        reported.indicator_id = computed.id
        and reported.unit_id = computed.unit_id
        and reported.period = computed.period
        and reported.sex = computed.sex
where
    case
        -- Only the value was reported: it is held against the value as it is printed.
        when reported.denominator is null
            then
                round(cast(reported.numerator as double), computed.decimals)
                <> round(computed.value, computed.decimals)
        else
            cast(reported.numerator as double) / cast(nullif(reported.denominator, 0) as double)
            <> cast(computed.numerator as double) / cast(nullif(computed.denominator, 0) as double)
    end

-- One row per unit, period and sex.
-- Controls of software that are fulfilled, over all such controls, as reported.
with

reported as (
    select
        unit_id,
        period,
        sex,
        numerator,
        denominator
    from core.reported_outcomes
    where indicator_id = 'it__software_security_pct'
),

final as (
    select
        unit_id,
        period,
        sex,
        '' as breakdown,
        numerator,
        denominator,
        cast(null as bigint) as person_count
    from reported
)

select * from final

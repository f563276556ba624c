-- One row per unit, period and sex.
-- Cases solved in the first call, over all cases that came by telephone, as reported.
with

reported as (
    select
        unit_id,
        period,
        sex,
        numerator,
        denominator
    from core.reported_outcomes
    where indicator_id = 'it__helpdesk_first_call_pct'
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

-- One row per unit, period and sex.
-- An answer of the employee survey, reported by the HR director; it has no denominator.
with

reported as (
    select
        unit_id,
        period,
        sex,
        numerator,
        denominator
    from core.reported_outcomes
    where indicator_id = 'hr__influence_index'
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

-- One row per tertial, indicator and unit with a reported outcome.
-- Who reported it, when and out of what; the value itself stands among the outcomes.
with

reported as (
    select distinct
        indicator_id,
        unit_id,
        period,
        reported_by_role,
        reported_date,
        source_note
    from core.reported_outcomes
),

names as (
    select distinct
        id,
        period,
        name
    from indicator.outcomes
),

units as (
    select
        unit_id,
        sort_order
    from core.units
),

final as (
    select
        reported.period as report_period,
        row_number() over (
            partition by reported.period
            order by
                names.name asc, units.sort_order asc,
                reported.reported_by_role asc, reported.source_note asc
        ) as sort_order,
        'body' as row_kind,
        names.name,
        reported.unit_id,
        reported.reported_by_role,
        reported.reported_date,
        reported.source_note
    from reported
    inner join names
        on
            reported.indicator_id = names.id
            and reported.period = names.period
    left join units on reported.unit_id = units.unit_id
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

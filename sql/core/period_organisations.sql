-- One row per period: the organisation that was in force when it ended.
-- What was printed, forecast or decided in a period is about the units of that organisation.
with

periods as (
    select
        period_id,
        last_month
    from core.periods
),

organisations as (
    select
        organisation_id,
        valid_from
    from core.organisations
),

final as (
    select
        periods.period_id,
        -- Before the first organisation the first.
        coalesce(
            max_by(organisations.organisation_id, organisations.valid_from) filter (
                where organisations.valid_from < periods.last_month + interval 1 month
            ),
            min_by(organisations.organisation_id, organisations.valid_from)
        ) as organisation_id
    from periods
    cross join organisations
    group by periods.period_id
)

select * from final

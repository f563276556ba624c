-- severity: warn
-- Ingen rapport berättar om något som hänt i en tid som inte har kommit när dess period slutar
-- public: text_id, report_period, clause, origin
with

clauses as (
    select * from core.clauses
),

periods as (
    select
        period_id,
        year,
        month(last_month) as last_month_number
    from core.periods
    where kind = 'tertial'
),

seasons as (
    select
        pattern,
        cast(from_month as bigint) as from_month
    from seed.season_words
)

select
    clauses.text_id,
    clauses.report_period,
    clauses.clause,
    clauses.origin
from clauses
inner join periods on clauses.report_period = periods.period_id
inner join seasons
    on
        periods.last_month_number < seasons.from_month
        and regexp_matches(clauses.clause_folded, seasons.pattern)
where
    regexp_matches(
        clauses.clause_folded, '(^| )(har|hade) (inte )?[a-zåäö]+(ts|tt|it|at|ett)( |,|\.|$)'
    )
    -- Autumn of another year, or one that is spoken of as coming, is not this one.
    and not regexp_matches(
        clauses.clause_folded,
        'föregående år|förra året|20[0-9]{2}|ska |kommer att|planeras|beräknas'
    )

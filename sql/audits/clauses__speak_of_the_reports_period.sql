-- severity: warn
-- Ingen text dömer målet för en annan period eller lovar något som redan skulle ha skett
-- public: text_id, report_period, fault, clause, origin
with

clauses as (
    select * from core.clauses
),

claim_words as (
    select * from seed.claim_words
),

period_words as (
    select
        pattern,
        unit,
        cast(number as bigint) as number
    from seed.period_words
),

periods as (
    select
        period_id,
        number,
        month(last_month) as last_month_number
    from core.periods
    where kind = 'tertial'
),

-- A comparison names another period by right: better than, since, compared with.
naming as (
    select
        clauses.*,
        period_words.unit,
        period_words.number as named_number,
        periods.number as own_number,
        periods.last_month_number
    from clauses
    inner join periods on clauses.report_period = periods.period_id
    inner join period_words on regexp_matches(clauses.clause_folded, period_words.pattern)
    where
        not regexp_matches(
            clauses.clause_folded, 'sedan|jämfört|än under|än i|mot samma|tidigare'
        )
),

judging as (
    select naming.*
    from naming
    where
        naming.unit = 'tertial'
        and naming.named_number <> naming.own_number
        and exists (
            select 1
            from claim_words
            where
                claim_words.claim <> 'counted'
                and regexp_matches(naming.clause_folded, claim_words.pattern)
        )
),

promising as (
    select naming.*
    from naming
    where
        naming.unit = 'month'
        and naming.named_number <= naming.last_month_number
        and regexp_matches(naming.clause_folded, 'planeras|ska |kommer att|beräknas|väntas')
)

select
    text_id,
    report_period,
    'dömer en annan period' as fault,
    clause,
    origin
from judging
union all
select
    text_id,
    report_period,
    'lovar något som skulle ha skett' as fault,
    clause,
    origin
from promising

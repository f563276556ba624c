-- One row per clause and indicator it speaks of.
-- An indicator is spoken of when its words stand in the clause, or when the text is its own and the
-- clause names no other. `claim` is what is said of the target, `direction` of the change; a
-- direction is kept only where the clause speaks of one thing and says nothing of the target. A
-- clause that counts (one of eight is met) speaks of the parts, and claims nothing of the target.
with

clauses as (
    select * from core.clauses
),

indicator_words as (
    select * from seed.indicator_words
),

claim_words as (
    select
        cast(priority as bigint) as priority,
        pattern,
        claim
    from seed.claim_words
),

direction_words as (
    select * from seed.direction_words
),

named as (
    select
        clauses.text_id,
        clauses.clause_number,
        indicator_words.indicator_id
    from clauses
    inner join indicator_words
        on regexp_matches(clauses.clause_folded, indicator_words.pattern)
),

spoken_of as (
    select text_id, clause_number, indicator_id
    from named
    union
    select
        clauses.text_id,
        clauses.clause_number,
        clauses.indicator_id
    from clauses
    left join named
        on
            clauses.text_id = named.text_id
            and clauses.clause_number = named.clause_number
    where
        clauses.indicator_id is not null
        and named.indicator_id is null
),

claims as (
    select
        clauses.text_id,
        clauses.clause_number,
        arg_min(claim_words.claim, claim_words.priority) as claim
    from clauses
    inner join claim_words on regexp_matches(clauses.clause_folded, claim_words.pattern)
    group by clauses.text_id, clauses.clause_number
),

-- Two directions in one clause cancel each other: nobody can tell which belongs to what.
directions as (
    select
        clauses.text_id,
        clauses.clause_number,
        min(direction_words.direction) as direction
    from clauses
    inner join direction_words on regexp_matches(clauses.clause_folded, direction_words.pattern)
    group by clauses.text_id, clauses.clause_number
    having count(distinct direction_words.direction) = 1
)

select
    spoken_of.text_id,
    spoken_of.clause_number,
    spoken_of.indicator_id,
    clauses.report_period,
    clauses.kind,
    clauses.unit_id,
    nullif(claims.claim, 'counted') as claim,
    case
        when
            claims.claim is null
            and count(*) over (partition by spoken_of.text_id, spoken_of.clause_number) = 1
            then directions.direction
    end as direction,
    clauses.clause,
    clauses.origin
from spoken_of
inner join clauses
    on
        spoken_of.text_id = clauses.text_id
        and spoken_of.clause_number = clauses.clause_number
left join claims
    on
        spoken_of.text_id = claims.text_id
        and spoken_of.clause_number = claims.clause_number
left join directions
    on
        spoken_of.text_id = directions.text_id
        and spoken_of.clause_number = directions.clause_number

-- severity: warn
-- Ingen text säger ett annat läge mot målet än nyckeltalets status
-- public: indicator_id, report_period, claim, computed, clause, origin
with

claims as (
    select * from core.claims
    where claim is not null
),

judged as (
    select
        id,
        period,
        unit_id,
        status,
        status_word
    from indicator.outcomes
    where
        sex = 'T'
        and breakdown = ''
        and status in (0, 1, 2)
        and target_printed is not null
),

held_against as (
    select
        claims.text_id,
        claims.indicator_id,
        claims.report_period,
        claims.clause,
        claims.claim,
        claims.origin,
        judged.unit_id,
        judged.status_word,
        case claims.claim
            when 'met' then judged.status = 0
            when 'partly_met' then judged.status = 1
            else judged.status in (1, 2)
        end as agrees
    from claims
    inner join judged
        on
            claims.indicator_id = judged.id
            and claims.report_period = judged.period
            -- A text about one level is held against that level where the level is judged.
            and (claims.kind <> 'indicator' or claims.unit_id = judged.unit_id)
)

select
    indicator_id,
    report_period,
    claim,
    string_agg(unit_id || ': ' || status_word, ', ' order by unit_id) as computed,
    clause,
    origin
from held_against
group by indicator_id, report_period, claim, clause, origin
having not bool_or(agrees)

-- severity: warn
-- Varje procenttal i en kommentar är nyckeltalets utfall, mål, måluppfyllelse eller förändring i år
-- public: indicator_id, unit_id, period, quoted_text
with

quoted as (
    select
        comments.indicator_id,
        comments.unit_id,
        comments.period,
        unnest(
            regexp_extract_all(comments.comment, '([-−]?[0-9]+(?:,[0-9]+)?)[  ]?(?:%|procent)', 1)
        ) as quoted_text
    from core.comments
),

numbers as (
    select
        *,
        cast(replace(replace(quoted_text, ',', '.'), '−', '-') as double) as quoted_value,
        case
            when contains(quoted_text, ',') then length(split_part(quoted_text, ',', 2))
            else 0
        end as decimals
    from quoted
),

outcomes as (
    select
        id,
        unit_id,
        period,
        sex,
        breakdown,
        value,
        attainment,
        target_value
    from indicator.outcomes
    where value is not null
),

tertials as (
    select
        period_id,
        year,
        number
    from core.periods
    where kind = 'tertial'
),

tertial_outcomes as (
    select
        outcomes.*,
        tertials.year,
        tertials.number
    from outcomes
    inner join tertials on outcomes.period = tertials.period_id
    where outcomes.value is not null
),

changes as (
    select
        later_tertials.id,
        later_tertials.unit_id,
        later_tertials.period,
        later_tertials.value,
        earlier_tertials.value as earlier_value
    from tertial_outcomes as later_tertials
    inner join tertial_outcomes as earlier_tertials
        on
            later_tertials.id = earlier_tertials.id
            and later_tertials.unit_id = earlier_tertials.unit_id
            and later_tertials.breakdown = earlier_tertials.breakdown
            and later_tertials.sex = earlier_tertials.sex
            and later_tertials.year = earlier_tertials.year
            and later_tertials.number > earlier_tertials.number
),

candidates as (
    select id, unit_id, period, value as candidate
    from outcomes
    union all
    select id, unit_id, period, attainment * 100 as candidate
    from outcomes
    union all
    select id, unit_id, period, target_value as candidate
    from outcomes
    union all
    select id, unit_id, period, earlier_value as candidate
    from changes
    union all
    select id, unit_id, period, value - earlier_value as candidate
    from changes
),

matched as (
    select
        numbers.indicator_id,
        numbers.unit_id,
        numbers.period,
        numbers.quoted_text,
        -- The sign is often left out where a word carries it: 21 % lower.
        coalesce(
            bool_or(
                abs(abs(candidates.candidate) - abs(numbers.quoted_value))
                <= 0.5 * pow(10, -numbers.decimals) + 1e-9
            ),
            false
        ) as is_known
    from numbers
    left join candidates
        on
            numbers.indicator_id = candidates.id
            and numbers.unit_id = candidates.unit_id
            and numbers.period = candidates.period
    group by all
)

select
    indicator_id,
    unit_id,
    period,
    quoted_text
from matched
where not is_known

-- severity: warn
-- Ord som i nivå med och halverat stämmer med de två tal som satsen själv nämner
-- public: text_id, report_period, word, one_figure, other_figure, clause, origin
-- Only a clause that names exactly two figures of the same unit is judged: it compares them.
with

figures as (
    select
        text_id,
        clause_number,
        report_period,
        clause,
        clause_folded,
        origin,
        regexp_extract_all(
            replace(clause_folded, ' ', ' '),
            '([-−]?[0-9][0-9 ]*(?:,[0-9]+)?) ?(%|procent|mkr|tkr|kronor|dagar)',
            1
        ) as numbers,
        regexp_extract_all(
            replace(clause_folded, ' ', ' '),
            '([-−]?[0-9][0-9 ]*(?:,[0-9]+)?) ?(%|procent|mkr|tkr|kronor|dagar)',
            2
        ) as units
    from core.clauses
),

two as (
    select
        *,
        cast(replace(replace(replace(numbers[1], ' ', ''), ',', '.'), '−', '-') as double) as one,
        cast(replace(replace(replace(numbers[2], ' ', ''), ',', '.'), '−', '-') as double) as other,
        case when contains(numbers[1], ',') then length(split_part(numbers[1], ',', 2)) else 0 end
            as one_decimals,
        case when contains(numbers[2], ',') then length(split_part(numbers[2], ',', 2)) else 0 end
            as other_decimals
    from figures
    where
        len(numbers) = 2
        and replace(units[1], 'procent', '%') = replace(units[2], 'procent', '%')
),

worded as (
    select
        two.*,
        least(abs(two.one), abs(two.other)) as smaller,
        greatest(abs(two.one), abs(two.other)) as larger,
        comparison_words.word,
        comparison_words.rule,
        cast(comparison_words.factor as double) as factor,
        0.5 * pow(10, -two.one_decimals) + 0.5 * pow(10, -two.other_decimals) as tolerance
    from two
    inner join seed.comparison_words
        on regexp_matches(two.clause_folded, comparison_words.pattern)
)

select
    text_id,
    report_period,
    word,
    numbers[1] || ' ' || units[1] as one_figure,
    numbers[2] || ' ' || units[2] as other_figure,
    clause,
    origin
from worded
where
    case rule
        when 'equal' then abs(one - other) >= tolerance
        when 'at_most' then smaller > factor * larger + tolerance
        when 'at_least' then larger < factor * smaller - tolerance
    end

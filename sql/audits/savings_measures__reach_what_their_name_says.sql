-- severity: warn
-- En åtgärd som ska halvera en kostnad har halverat den
-- public: period, measure_name, word, outcome_tkr, compared_tkr, share_of_compared_pct, _delivery
-- public: _row
select
    measures.period,
    measures.measure_name,
    words.word,
    measures.outcome_tkr,
    measures.compared_tkr,
    cast(round(measures.outcome_tkr / measures.compared_tkr * 100, 1) as decimal(12, 1))
        as share_of_compared_pct,
    measures._delivery,
    measures._row
from core.savings_measures as measures
inner join seed.comparison_words as words
    on
        words.rule = 'at_most'
        and regexp_matches(lower(measures.measure_name), words.pattern)
where
    measures.compared_tkr <> 0
    and abs(measures.outcome_tkr)
    > abs(measures.compared_tkr) * cast(words.factor as decimal(10, 4))

-- severity: warn
-- Tecknet som trycks vid en orsak är tecknet på dess verkan på resultatet, i hela dokumentet
-- public: document_name, table_id, row_name, cause, printed, value, unit, fault, source_line
-- A rise of cost that is printed with a plus in one passage and with a minus in another tells the
-- reader two things; so does a minus beside the word "lower".
select
    document_name,
    table_id,
    row_name,
    cause,
    printed,
    value,
    unit,
    case
        when regexp_matches(printed, '^[+-] ?[+-]') then 'två tecken'
        when regexp_matches(quote, '[-−] ?[0-9,]+ ?(tkr|mkr|kr)? (lägre|mindre|sämre)')
            then 'tecknet och ordet säger det två gånger'
        else 'tecknet är omvänt mot verkan'
    end as fault,
    source_line
from core.printed_causes
where
    regexp_matches(printed, '^[+-] ?[+-]')
    or regexp_matches(quote, '[-−] ?[0-9,]+ ?(tkr|mkr|kr)? (lägre|mindre|sämre)')
    or (starts_with(printed, '+') and value < 0)
    or (starts_with(printed, '-') and value > 0)

-- severity: warn
-- Orsaker som nämns med belopp förklarar avvikelsen: varken för lite, för mycket eller åt fel håll
-- public: document_name, table_name, subject, deviation_from, deviation, explained
-- public: explained_pct, fault, source_line
with

settings as (
    select
        setting,
        value
    from core.method_settings
    where valid_to is null
),

limits as (
    select
        max(value) filter (where setting = 'explain_from_tkr') as limit_tkr,
        max(value) filter (where setting = 'explained_min_pct') as min_pct,
        max(value) filter (where setting = 'explained_max_pct') as max_pct
    from settings
)

select
    deviations.document_name,
    deviations.table_name,
    deviations.subject,
    deviations.deviation_from,
    deviations.deviation,
    deviations.explained,
    deviations.explained_pct,
    case
        when deviations.explained_pct < 0 then 'orsakerna går åt andra hållet'
        when deviations.explained_pct < limits.min_pct then 'en del är inte förklarad'
        else 'orsakerna är större än avvikelsen'
    end as fault,
    deviations.source_line
from core.printed_deviations as deviations
cross join limits
where
    deviations.amount_count > 0
    and (not deviations.is_money or abs(deviations.deviation) >= limits.limit_tkr)
    and (
        deviations.explained_pct < limits.min_pct
        or deviations.explained_pct > limits.max_pct
    )

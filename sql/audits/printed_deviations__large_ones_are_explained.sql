-- severity: warn
-- Varje tryckt avvikelse över gränsen har en orsak med belopp, mot budget som mot föregående år
-- public: document_name, table_name, subject, deviation_from, deviation, fault
-- public: source_line
with

limits as (
    select value as limit_tkr
    from core.method_settings
    where setting = 'explain_from_tkr' and valid_to is null
)

-- A total is explained by its parts, which are judged themselves.
select
    deviations.document_name,
    deviations.table_name,
    deviations.subject,
    deviations.deviation_from,
    deviations.deviation,
    case when deviations.cause_count = 0 then 'ingen orsak nämns' else 'orsaker utan belopp' end
        as fault,
    deviations.source_line
from core.printed_deviations as deviations
cross join limits
where
    not deviations.has_parts
    and deviations.amount_count = 0
    and deviations.is_money
    and abs(deviations.deviation) >= limits.limit_tkr

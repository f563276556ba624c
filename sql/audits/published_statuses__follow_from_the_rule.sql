-- severity: warn
-- Varje tryckt status är den som regeln ger av tryckt utfall och tryckt mål
-- public: report_period, nr, id, unit_id, printed_outcome, printed_target, printed_status
-- public: rule_status, reason
select
    report_period,
    nr,
    id,
    unit_id,
    printed_outcome,
    printed_target,
    printed_status,
    rule_status,
    reason
from indicator.published_judgements
where not agrees

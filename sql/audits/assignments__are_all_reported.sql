-- severity: warn
-- Alla planens uppdrag har rapporterats i en period där något uppdrag har rapporterats
-- public: period, assignment_id, responsible_printed
select
    period,
    assignment_id,
    responsible_printed
from core.assignments
where _delivery is null

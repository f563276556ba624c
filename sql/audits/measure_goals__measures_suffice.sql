-- severity: warn
-- De åtgärder som ska nå ett mål räcker till det
-- public: document_name, goal, goal_tkr, measures_tkr, measures_pct, source_line
-- public: measures_source_line
select
    document_name,
    goal,
    goal_tkr,
    measures_tkr,
    measures_pct,
    source_line,
    measures_source_line
from core.measure_goals
where measures_tkr < goal_tkr

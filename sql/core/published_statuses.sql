-- One row per indicator of a printed report: printed outcome, target and status.
-- A status that is not printed at the figure is deduced from the report's own counts and words;
-- `basis` says from which.
select
    report_period,
    cast(nr as bigint) as nr,
    indicator_id,
    unit_id,
    nullif(printed_outcome, '') as printed_outcome,
    cast(nullif(outcome, '') as decimal(18, 4)) as outcome,
    printed_target,
    target_kind,
    nullif(target_baseline, '') as target_baseline,
    cast(printed_status as bigint) as printed_status,
    basis,
    source,
    source_line
from seed.published_statuses

-- severity: warn
-- Ett utfall trycks med samma enhet som målet det ställs mot
-- public: report_period, nr, indicator_id, unit_id, printed_outcome, printed_target, source
-- public: source_line
select
    report_period,
    nr,
    indicator_id,
    unit_id,
    printed_outcome,
    printed_target,
    source,
    source_line
from core.published_statuses
where
    printed_outcome is not null
    and printed_target is not null
    and regexp_extract(printed_outcome, '[^-−+0-9,.  ]+$')
    <> regexp_extract(printed_target, '[^-−+0-9,.  ]+$')

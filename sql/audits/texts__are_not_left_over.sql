-- severity: warn
-- Ingen text är ordagrant densamma som för en tidigare period
-- public: subject_id, unit_id, report_period, earlier_period, text
with

texts as (
    select
        texts.*,
        periods.last_month
    from core.texts as texts
    inner join core.periods as periods on texts.report_period = periods.period_id
    -- A short text may well be true twice.
    where length(texts.text) > 60
)

select
    coalesce(texts.indicator_id, texts.assignment_id) as subject_id,
    texts.unit_id,
    texts.report_period,
    earlier.report_period as earlier_period,
    texts.text
from texts
inner join texts as earlier
    on
        coalesce(texts.indicator_id, texts.assignment_id)
        = coalesce(earlier.indicator_id, earlier.assignment_id)
        and coalesce(texts.unit_id, '') = coalesce(earlier.unit_id, '')
        and texts.last_month > earlier.last_month
        and texts.text = earlier.text

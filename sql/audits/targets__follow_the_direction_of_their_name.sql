-- severity: warn
-- Ett mål för det som enligt namnet ska öka eller minska ligger åt det hållet från senaste utfall
-- public: plan, printed_name, indicator_id, unit_id, target_printed, outcome_before
-- public: outcome_source
-- What is printed in the name as (öka) or (ökning), (minska) or (minskning). Targets that are set
-- as a change from a base year are judged by that year and not here.
with

directed as (
    select distinct
        plan_items.plan,
        plan_items.valid_from,
        plan_items.nr,
        plan_items.printed_name,
        plan_indicators.indicator_id,
        plan_indicators.unit_id,
        plan_indicators.breakdown,
        regexp_extract(lower(plan_items.printed_name), '\((ök|minsk)[^)]*\)', 1) as direction
    from core.plan_items
    inner join core.plan_indicators
        on
            plan_items.plan = plan_indicators.plan
            and plan_items.nr = plan_indicators.nr
    where not regexp_matches(lower(plan_items.printed_name), 'jämfört med|jmf')
),

targets as (
    select
        plan,
        id as indicator_id,
        unit_id,
        breakdown,
        printed,
        value
    from indicator.targets
    where value is not null
),

earlier as (
    select
        statuses.indicator_id,
        statuses.unit_id,
        statuses.printed_outcome,
        statuses.outcome,
        statuses.source,
        statuses.source_line,
        periods.last_month
    from core.published_statuses as statuses
    inner join core.periods on statuses.report_period = periods.period_id
    where statuses.outcome is not null
)

select
    directed.plan,
    directed.printed_name,
    directed.indicator_id,
    directed.unit_id,
    targets.printed as target_printed,
    earlier.printed_outcome as outcome_before,
    earlier.source || ', rad ' || earlier.source_line as outcome_source
from directed
inner join targets
    on
        directed.plan = targets.plan
        and directed.indicator_id = targets.indicator_id
        and directed.unit_id = targets.unit_id
        and directed.breakdown is not distinct from targets.breakdown
inner join earlier
    on
        directed.indicator_id = earlier.indicator_id
        and directed.unit_id = earlier.unit_id
        and directed.valid_from > earlier.last_month
where
    directed.direction <> ''
    and case
        when directed.direction = 'ök' then targets.value < earlier.outcome
        else targets.value > earlier.outcome
    end
qualify
    row_number() over (
        partition by directed.plan, directed.indicator_id, directed.unit_id, directed.breakdown
        order by earlier.last_month desc
    ) = 1

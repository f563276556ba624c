-- severity: warn
-- Det procenttal som ett måls beskrivning nämner är det som målvärdet säger
-- public: plan, nr, printed_name, told_pct, target_printed, source
with

described as (
    select
        plan,
        plan_revision,
        nr,
        printed_name,
        description,
        source,
        regexp_extract_all(description, '([-−]?[0-9]+(?:,[0-9]+)?) ?%', 1) as told
    from core.plan_items
    where has_target and description is not null
),

targets as (
    select
        targets.plan,
        plan_indicators.nr,
        string_agg(distinct targets.printed, '; ' order by targets.printed) as printed
    from core.targets
    inner join core.plan_indicators
        on
            targets.plan = plan_indicators.plan
            and targets.indicator_id = plan_indicators.indicator_id
            and targets.unit_id = plan_indicators.unit_id
    group by targets.plan, plan_indicators.nr
)

select
    described.plan,
    described.nr,
    described.printed_name,
    array_to_string(described.told, ', ') as told_pct,
    targets.printed as target_printed,
    described.source
from described
inner join targets
    on
        described.plan = targets.plan
        and described.nr = targets.nr
where
    len(described.told) > 0
    and not regexp_matches(
        targets.printed, '(^|[^0-9,])(' || array_to_string(described.told, '|') || ')([^0-9,]|$)'
    )

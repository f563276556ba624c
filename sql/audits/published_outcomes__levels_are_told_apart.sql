-- severity: warn
-- Två nivåer som trycks med samma värde har det också i beräkningen; annars har det ena kopierats
-- public: report_period, name, one_unit, other_unit, printed, one_computed, other_computed, source
with

published as (
    select
        published_id,
        report_period,
        item,
        unit_id,
        breakdown,
        period,
        printed,
        value,
        decimals,
        source,
        source_line
    from core.published_outcomes
    where section = 'nyckeltal' and measure = 'value'
),

outcomes as (
    select
        id,
        name,
        unit_id,
        breakdown,
        period,
        value
    from indicator.outcomes
    where sex = 'T' and value is not null
),

-- A unit that holds other units now than when the report was printed has another figure.
units as (
    select
        period_organisations.period_id,
        organisation_contents.unit_id
    from core.period_organisations
    inner join core.organisation_contents
        on period_organisations.organisation_id = organisation_contents.organisation_id
    where organisation_contents.is_as_latest
),

joined as (
    select
        published.*,
        outcomes.name,
        cast(outcomes.value as decimal(24, 9)) as computed
    from published
    inner join units
        on
            published.report_period = units.period_id
            and published.unit_id = units.unit_id
    inner join outcomes
        on
            published.item = outcomes.id
            and published.unit_id = outcomes.unit_id
            and published.breakdown = outcomes.breakdown
            and published.period = outcomes.period
)

select
    one_level.report_period,
    one_level.name,
    one_level.unit_id as one_unit,
    other_level.unit_id as other_unit,
    one_level.printed,
    one_level.computed as one_computed,
    other_level.computed as other_computed,
    other_level.source || ', rad ' || other_level.source_line as source
from joined as one_level
inner join joined as other_level
    on
        one_level.item = other_level.item
        and one_level.period = other_level.period
        and one_level.breakdown = other_level.breakdown
        and one_level.unit_id < other_level.unit_id
        and one_level.value = other_level.value
-- The same print has room for one unit of its last decimal between the two.
where
    abs(one_level.computed - other_level.computed)
    > case greatest(one_level.decimals, other_level.decimals)
        when 0 then 1
        when 1 then 0.1
        when 2 then 0.01
        else 0.001
    end

-- severity: stop
-- Varje rad i stjärnans faktatabell har en rad i var och en av dimensionerna
-- public: dimension, key_value
with

facts as (
    select
        indicator_id,
        unit_id,
        period,
        sex,
        breakdown
    from mart.fact_outcome
),

final as (
    select 'mart.dim_indicator' as dimension, facts.indicator_id as key_value
    from facts
    left join mart.dim_indicator on facts.indicator_id = dim_indicator.indicator_id
    where dim_indicator.indicator_id is null
    union all
    select 'mart.dim_unit' as dimension, facts.unit_id
    from facts
    left join mart.dim_unit on facts.unit_id = dim_unit.unit_id
    where dim_unit.unit_id is null
    union all
    select 'mart.dim_period' as dimension, facts.period
    from facts
    left join mart.dim_period on facts.period = dim_period.period
    where dim_period.period is null
    union all
    select 'mart.dim_sex' as dimension, facts.sex
    from facts
    left join mart.dim_sex on facts.sex = dim_sex.sex
    where dim_sex.sex is null
    union all
    select 'mart.dim_breakdown' as dimension, facts.breakdown
    from facts
    left join mart.dim_breakdown on facts.breakdown = dim_breakdown.breakdown
    where dim_breakdown.breakdown is null
)

select
    dimension,
    key_value,
    count(*) as row_count
from final
group by dimension, key_value

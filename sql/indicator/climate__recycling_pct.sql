-- One row per year, for the region.
-- Weight sorted for recycling of material over the weight of all waste; only whole years.
with

waste as (
    select
        month,
        weight_kg,
        is_recycled
    from core.waste
),

period_months as (
    select
        period_id,
        month
    from core.period_months
    where span = 'period' and kind = 'year'
),

years_summed as (
    select
        period_months.period_id,
        sum(case when waste.is_recycled then waste.weight_kg else 0 end) as recycled_kg,
        sum(waste.weight_kg) as weight_kg,
        count(distinct waste.month) as month_count
    from waste
    inner join period_months on waste.month = period_months.month
    group by period_months.period_id
),

final as (
    select
        'RJH' as unit_id,
        period_id as period,
        'T' as sex,
        '' as breakdown,
        cast(recycled_kg as decimal(18, 1)) as numerator,
        cast(weight_kg as decimal(18, 1)) as denominator,
        cast(null as bigint) as person_count
    from years_summed
    where month_count = 12
)

select * from final

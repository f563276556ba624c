-- One row per period and kitchen, and one for all kitchens together, for the region.
-- Food with an ethical label over all purchases of food, in kronor.
with

food_purchases as (
    select
        month,
        kitchen,
        ethical_sek,
        total_sek
    from core.food_purchases
),

coverage as (
    select max(month) as last_month
    from food_purchases
),

period_months as (
    select
        period_months.period_id,
        period_months.month
    from core.period_months
    cross join coverage
    where
        period_months.span = 'period'
        and period_months.opens_month <= coverage.last_month
),

food_by_breakdown as (
    select month, '' as breakdown, ethical_sek, total_sek
    from food_purchases
    union all
    select month, kitchen as breakdown, ethical_sek, total_sek
    from food_purchases
),

final as (
    select
        'RJH' as unit_id,
        period_months.period_id as period,
        'T' as sex,
        food_by_breakdown.breakdown,
        cast(sum(food_by_breakdown.ethical_sek) as decimal(18, 2)) as numerator,
        cast(sum(food_by_breakdown.total_sek) as decimal(18, 2)) as denominator,
        cast(null as bigint) as person_count
    from food_by_breakdown
    inner join period_months on food_by_breakdown.month = period_months.month
    group by period_months.period_id, food_by_breakdown.breakdown
)

select * from final

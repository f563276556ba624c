-- One row per tertial and year, for the region.
-- Prioritised information assets whose classification is decided and documented, over all
-- prioritised ones, in the last extract of the period.
with

assets as (
    select
        month,
        is_classified
    from core.information_assets
    where is_prioritised
),

extracts as (
    select
        period_months.period_id,
        max(assets.month) as month
    from assets
    inner join core.period_months on assets.month = period_months.month
    where
        period_months.span = 'period'
        and period_months.kind in ('tertial', 'year')
        and period_months.month >= period_months.opens_month
    group by period_months.period_id
),

final as (
    select
        'RJH' as unit_id,
        extracts.period_id as period,
        'T' as sex,
        '' as breakdown,
        cast(sum(case when assets.is_classified then 1 else 0 end) as bigint) as numerator,
        cast(count(*) as bigint) as denominator,
        cast(null as bigint) as person_count
    from assets
    inner join extracts on assets.month = extracts.month
    group by extracts.period_id
)

select * from final

-- One row per tertial and means of travel or fuel, and one for all: emissions from January against
-- the same months of the base years.
-- A month counts when it is delivered in both years.
with

emissions as (
    select
        month,
        means_name,
        co2e_g
    from core.emissions
),

delivered_months as (
    select distinct month
    from emissions
),

coverage as (
    select max(month) as last_month
    from delivered_months
),

period_months as (
    select
        period_months.period_id,
        period_months.span,
        period_months.month
    from core.period_months
    inner join delivered_months on period_months.month = delivered_months.month
    inner join delivered_months as current_months
        on period_months.current_month = current_months.month
    cross join coverage
    where
        period_months.kind = 'tertial'
        and period_months.span in ('period', 'base_2010', 'base_2019')
        and period_months.opens_month <= coverage.last_month
),

means_summed as (
    select
        period_months.period_id,
        period_months.span,
        emissions.means_name,
        sum(emissions.co2e_g) as co2e_g
    from emissions
    inner join period_months on emissions.month = period_months.month
    group by period_months.period_id, period_months.span, emissions.means_name
),

with_total as (
    select period_id, span, means_name, 'body' as row_kind, co2e_g
    from means_summed
    union all
    select
        period_id,
        span,
        'Totalt' as means_name,
        'sum' as row_kind,
        sum(co2e_g) as co2e_g
    from means_summed
    group by period_id, span
),

side_by_side as (
    select
        period_id,
        means_name,
        row_kind,
        sum(co2e_g) filter (where span = 'period') as current_co2e_g,
        sum(co2e_g) filter (where span = 'base_2010') as base_2010_co2e_g,
        sum(co2e_g) filter (where span = 'base_2019') as base_2019_co2e_g
    from with_total
    group by period_id, means_name, row_kind
),

names as (
    select
        means_name,
        min(activity) as activity
    from core.emissions
    group by means_name
),

final as (
    select
        side_by_side.period_id as report_period,
        row_number() over (
            partition by side_by_side.period_id
            order by
                side_by_side.row_kind asc nulls last,
                names.activity desc nulls last,
                side_by_side.means_name asc nulls last
        ) as sort_order,
        side_by_side.row_kind,
        side_by_side.means_name,
        cast(side_by_side.base_2010_co2e_g * 0.000001 as decimal(18, 3)) as base_2010_t,
        cast(side_by_side.base_2019_co2e_g * 0.000001 as decimal(18, 3)) as base_2019_t,
        cast(side_by_side.current_co2e_g * 0.000001 as decimal(18, 3)) as current_t,
        cast(
            (
                cast(side_by_side.current_co2e_g as double)
                / nullif(cast(side_by_side.base_2010_co2e_g as double), 0) - 1
            ) * 100 as decimal(18, 9)
        ) as change_2010_pct,
        cast(
            (
                cast(side_by_side.current_co2e_g as double)
                / nullif(cast(side_by_side.base_2019_co2e_g as double), 0) - 1
            ) * 100 as decimal(18, 9)
        ) as change_2019_pct
    from side_by_side
    left join names on side_by_side.means_name = names.means_name
    -- A means of travel that only the base year used stands without emissions now.
    where side_by_side.current_co2e_g is not null or side_by_side.base_2019_co2e_g is not null
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

-- One row per period and sex, for the region.
-- Antibiotics dispensed on prescription in the twelve months that end with the period, over the
-- inhabitants at the latest turn of a year before the period's year ends.
with

items as (
    select
        month,
        sex,
        item_count
    from core.dispensed_items
    where is_antibiotic and cost_type = 'recept'
),

populations as (
    select
        year,
        sex,
        inhabitant_count
    from core.populations
),

coverage as (
    select
        min(month) as first_month,
        max(month) as last_month
    from core.dispensed_items
),

complete_periods as (
    select period_months.period_id
    from core.period_months
    cross join coverage
    where period_months.span = 'rolling_12'
    group by period_months.period_id
    having
        min(period_months.month) >= min(coverage.first_month)
        and max(period_months.month) <= max(coverage.last_month)
),

period_months as (
    select
        period_months.period_id,
        period_months.month
    from core.period_months
    inner join complete_periods on period_months.period_id = complete_periods.period_id
    where period_months.span = 'rolling_12'
),

period_years as (
    select
        periods.period_id,
        max(populations.year) as population_year
    from core.periods
    inner join populations on periods.year > populations.year
    group by periods.period_id
),

items_by_sex as (
    select month, 'T' as sex, item_count
    from items
    union all
    select month, sex, item_count
    from items
    where sex in ('K', 'M')
),

populations_by_sex as (
    select year, 'T' as sex, inhabitant_count
    from populations
    union all
    select year, sex, inhabitant_count
    from populations
    where sex in ('K', 'M')
),

items_summed as (
    select
        period_months.period_id,
        items_by_sex.sex,
        sum(items_by_sex.item_count) as item_count
    from items_by_sex
    inner join period_months on items_by_sex.month = period_months.month
    group by period_months.period_id, items_by_sex.sex
),

populations_summed as (
    select
        year,
        sex,
        sum(inhabitant_count) as inhabitant_count
    from populations_by_sex
    group by year, sex
),

final as (
    select
        'RJH' as unit_id,
        items_summed.period_id as period,
        items_summed.sex,
        '' as breakdown,
        cast(items_summed.item_count as bigint) as numerator,
        cast(populations_summed.inhabitant_count as bigint) as denominator,
        cast(null as bigint) as person_count
    from items_summed
    inner join period_years on items_summed.period_id = period_years.period_id
    inner join populations_summed
        on
            period_years.population_year = populations_summed.year
            and items_summed.sex = populations_summed.sex
)

select * from final

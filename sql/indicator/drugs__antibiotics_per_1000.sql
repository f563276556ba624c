-- One row per period, sex, age band and municipality, for the region.
-- Antibiotics dispensed on prescription in the twelve months that end with the period, over the
-- inhabitants at the latest turn of a year before the period's year begins.
-- Age bands and municipalities are given for both sexes together.
with

items as (
    select
        month,
        sex,
        age_group,
        municipality_code,
        item_count
    from core.dispensed_items
    where is_antibiotic and cost_type = 'recept'
),

bands as (
    select
        age_group,
        band_name
    from seed.age_bands
),

municipalities as (
    select
        municipality_code,
        municipality_name
    from seed.municipalities
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

items_by_group as (
    select month, 'T' as sex, '' as breakdown, item_count
    from items
    union all
    select month, sex, '' as breakdown, item_count
    from items
    where sex in ('K', 'M')
    union all
    select items.month, 'T' as sex, 'Ålder ' || bands.band_name as breakdown, items.item_count
    from items
    inner join bands on items.age_group = bands.age_group
    union all
    select
        items.month,
        'T' as sex,
        'Kommun ' || municipalities.municipality_name as breakdown,
        items.item_count
    from items
    inner join municipalities on items.municipality_code = municipalities.municipality_code
),

populations_by_group as (
    select year, 'T' as sex, '' as breakdown, inhabitant_count
    from core.populations
    union all
    select year, sex, '' as breakdown, inhabitant_count
    from core.populations
    where sex in ('K', 'M')
    union all
    select
        year,
        'T' as sex,
        case group_kind when 'age' then 'Ålder ' else 'Kommun ' end || group_name as breakdown,
        inhabitant_count
    from core.population_groups
),

items_summed as (
    select
        period_months.period_id,
        items_by_group.sex,
        items_by_group.breakdown,
        sum(items_by_group.item_count) as item_count
    from items_by_group
    inner join period_months on items_by_group.month = period_months.month
    group by period_months.period_id, items_by_group.sex, items_by_group.breakdown
),

populations_summed as (
    select
        year,
        sex,
        breakdown,
        sum(inhabitant_count) as inhabitant_count
    from populations_by_group
    group by year, sex, breakdown
),

period_years as (
    select
        periods.period_id,
        max(populations_summed.year) as population_year
    from core.periods
    inner join populations_summed on periods.year > populations_summed.year
    group by periods.period_id
),

final as (
    select
        'RJH' as unit_id,
        items_summed.period_id as period,
        items_summed.sex,
        items_summed.breakdown,
        cast(items_summed.item_count as bigint) as numerator,
        cast(populations_summed.inhabitant_count as bigint) as denominator,
        cast(null as bigint) as person_count
    from items_summed
    inner join period_years on items_summed.period_id = period_years.period_id
    inner join populations_summed
        on
            period_years.population_year = populations_summed.year
            and items_summed.sex = populations_summed.sex
            and items_summed.breakdown = populations_summed.breakdown
    where populations_summed.inhabitant_count > 0
)

select * from final

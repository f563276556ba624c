-- One row per tertial and municipality, and per tertial, municipality and age group.
-- Antibiotics dispensed on prescription in the twelve months that end with the tertial, over the
-- inhabitants at the latest turn of a year before the tertial's year ends. The age groups are the
-- strata of the standardisation: their breakdown is the municipality's with the group after it.
with

items as (
    select
        month,
        municipality_code,
        age_group,
        item_count
    from core.dispensed_items
    where is_antibiotic and cost_type = 'recept' and age_group is not null
),

inhabitants as (
    select
        year,
        region_code as municipality_code,
        age_group,
        inhabitant_count
    from core.inhabitants
    where region_kind = 'municipality'
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
    where period_months.span = 'rolling_12' and period_months.kind = 'tertial'
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
        max(inhabitants.year) as population_year
    from core.periods
    inner join complete_periods on periods.period_id = complete_periods.period_id
    inner join inhabitants on periods.year > inhabitants.year
    group by periods.period_id
),

items_summed as (
    select
        period_months.period_id,
        items.municipality_code,
        items.age_group,
        sum(items.item_count) as item_count
    from items
    inner join period_months on items.month = period_months.month
    group by period_months.period_id, items.municipality_code, items.age_group
),

inhabitants_summed as (
    select
        year,
        municipality_code,
        age_group,
        sum(inhabitant_count) as inhabitant_count
    from inhabitants
    group by year, municipality_code, age_group
),

groups as (
    select
        period_years.period_id,
        municipalities.municipality_name,
        inhabitants_summed.age_group,
        coalesce(items_summed.item_count, 0) as item_count,
        inhabitants_summed.inhabitant_count
    from period_years
    inner join inhabitants_summed on period_years.population_year = inhabitants_summed.year
    inner join municipalities
        on inhabitants_summed.municipality_code = municipalities.municipality_code
    left join items_summed
        on
            period_years.period_id = items_summed.period_id
            and inhabitants_summed.municipality_code = items_summed.municipality_code
            and inhabitants_summed.age_group = items_summed.age_group
),

rows_of_both as (
    select
        period_id,
        municipality_name || ', ' || age_group as breakdown,
        item_count,
        inhabitant_count
    from groups
    union all
    select
        period_id,
        municipality_name as breakdown,
        sum(item_count) as item_count,
        sum(inhabitant_count) as inhabitant_count
    from groups
    group by period_id, municipality_name
),

final as (
    select
        'RJH' as unit_id,
        period_id as period,
        'T' as sex,
        breakdown,
        cast(item_count as bigint) as numerator,
        cast(inhabitant_count as bigint) as denominator,
        -- No more persons than items.
        cast(item_count as bigint) as person_count
    from rows_of_both
)

select * from final

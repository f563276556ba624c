-- One row per tertial and Kolada indicator: own region, nation and all regions.
-- Relative: the latest published year before the report's year, under Kolada's own definition,
-- never put together with our own series. No ranking; the spread is shown instead.
with

published as (
    select
        kpi_id,
        municipality_id,
        region_kind,
        is_own_region,
        year,
        value
    from core.kolada_values
    where sex = 'T' and value is not null
),

kpis as (
    select
        kpi_id,
        kpi_name,
        unit,
        definition,
        cast(sort_order as bigint) as sort_order
    from seed.kolada_kpis
),

report_periods as (
    select distinct
        periods.period_id,
        periods.year
    from core.periods
    inner join indicator.outcomes on periods.period_id = outcomes.period
    where periods.kind = 'tertial' and outcomes.value is not null
),

latest as (
    select
        report_periods.period_id,
        published.kpi_id,
        max(published.year) as year
    from report_periods
    inner join published on report_periods.year > published.year
    where published.is_own_region
    group by all
),

compared as (
    select
        latest.period_id,
        latest.kpi_id,
        latest.year,
        max(published.value) filter (where published.is_own_region) as region_value,
        max(published.value) filter (where published.region_kind = 'nation') as nation_value,
        median(published.value) filter (where published.region_kind = 'region') as median_value,
        min(published.value) filter (where published.region_kind = 'region') as lowest_value,
        max(published.value) filter (where published.region_kind = 'region') as highest_value,
        count(*) filter (where published.region_kind = 'region') as region_count
    from latest
    inner join published
        on
            latest.kpi_id = published.kpi_id
            and latest.year = published.year
    group by all
),

final as (
    select
        compared.period_id as report_period,
        coalesce(kpis.sort_order, 9000) as sort_order,
        'body' as row_kind,
        compared.kpi_id,
        coalesce(kpis.kpi_name, compared.kpi_id) as kpi_name,
        kpis.unit,
        cast(compared.year as varchar) as year,
        cast(compared.region_value as decimal(18, 6)) as region_value,
        cast(compared.nation_value as decimal(18, 6)) as nation_value,
        cast(compared.region_value - compared.nation_value as decimal(18, 6)) as difference,
        -- With fewer than five regions a median says nothing.
        case when compared.region_count >= 5 then cast(compared.median_value as decimal(18, 6)) end
            as median_value,
        case when compared.region_count >= 5 then cast(compared.lowest_value as decimal(18, 6)) end
            as lowest_value,
        case
            when compared.region_count >= 5 then cast(compared.highest_value as decimal(18, 6))
        end as highest_value,
        compared.region_count,
        kpis.definition
    from compared
    left join kpis on compared.kpi_id = kpis.kpi_id
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last, kpi_id asc nulls last

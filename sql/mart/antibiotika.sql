-- One row per tertial and group: the county, the sexes, age bands and municipalities.
-- In the order of the plan's tables, never by size.
with

outcomes as (
    select
        period,
        sex,
        breakdown,
        numerator,
        denominator,
        value
    from indicator.outcomes
    where id = 'drugs__antibiotics_per_1000' and value is not null
),

tertials as (
    select
        period_id,
        previous_period_id
    from core.periods
    where kind = 'tertial'
),

groups as (
    select distinct
        case group_kind when 'age' then 'Ålder ' else 'Kommun ' end || group_name as breakdown,
        case group_kind when 'age' then 1000 else 2000 end + sort_order as sort_order
    from core.population_groups
),

final as (
    select
        tertials.period_id as report_period,
        case
            when outcomes.breakdown <> '' then groups.sort_order
            when outcomes.sex = 'K' then 1
            when outcomes.sex = 'M' then 2
            else 9000
        end as sort_order,
        case when outcomes.breakdown = '' and outcomes.sex = 'T' then 'sum' else 'body' end
            as row_kind,
        case
            when outcomes.breakdown <> '' then outcomes.breakdown
            when outcomes.sex = 'K' then 'Kvinnor'
            when outcomes.sex = 'M' then 'Män'
            else 'Hela länet'
        end as group_name,
        cast(outcomes.numerator as bigint) as item_count,
        cast(outcomes.denominator as bigint) as inhabitant_count,
        cast(outcomes.value as decimal(18, 6)) as per_1000,
        cast(previous.value as decimal(18, 6)) as previous_per_1000
    from outcomes
    inner join tertials on outcomes.period = tertials.period_id
    left join groups on outcomes.breakdown = groups.breakdown
    left join outcomes as previous
        on
            tertials.previous_period_id = previous.period
            and outcomes.sex = previous.sex
            and outcomes.breakdown = previous.breakdown
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

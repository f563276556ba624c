-- One row per figure of a printed report.
-- What was printed beside what is computed. They agree when the computed figure, rounded to the
-- printed number of decimals, is the printed one.
with

published as (
    select * from core.published_outcomes
),

tertials as (
    select
        period_id,
        year,
        number
    from core.periods
    where kind = 'tertial'
),

outcomes as (
    select
        id,
        name,
        unit_id,
        period,
        breakdown,
        numerator,
        denominator,
        value,
        attainment
    from indicator.outcomes
    where sex = 'T'
),

first_tertials as (
    select
        outcomes.id,
        outcomes.unit_id,
        outcomes.breakdown,
        tertials.year,
        outcomes.value
    from outcomes
    inner join tertials on outcomes.period = tertials.period_id
    where tertials.number = 1
),

outcome_measures as (
    select id, unit_id, breakdown, period, 'value' as measure, cast(value as double) as computed
    from outcomes
    union all
    select id, unit_id, breakdown, period, 'numerator' as measure, cast(numerator as double)
    from outcomes
    union all
    select id, unit_id, breakdown, period, 'denominator' as measure, cast(denominator as double)
    from outcomes
    union all
    select
        id,
        unit_id,
        breakdown,
        period,
        'attainment_pct' as measure,
        cast(attainment as double) * 100
    from outcomes
    union all
    select
        outcomes.id,
        outcomes.unit_id,
        outcomes.breakdown,
        outcomes.period,
        'change_since_tertial_1' as measure,
        outcomes.value - first_tertials.value
    from outcomes
    inner join tertials on outcomes.period = tertials.period_id
    inner join first_tertials
        on
            outcomes.id = first_tertials.id
            and outcomes.unit_id = first_tertials.unit_id
            and outcomes.breakdown = first_tertials.breakdown
            and tertials.year = first_tertials.year
    where tertials.number > 1
),

economy as (
    select report_period, result_line_code, 'outcome' as measure, outcome_tkr as computed
    from mart.ekonomi
    union all
    select report_period, result_line_code, 'budget' as measure, budget_tkr
    from mart.ekonomi
    union all
    select report_period, result_line_code, 'difference' as measure, difference_tkr
    from mart.ekonomi
    union all
    select report_period, result_line_code, 'previous' as measure, previous_tkr
    from mart.ekonomi
    union all
    select report_period, result_line_code, 'change' as measure, change_tkr
    from mart.ekonomi
),

departments as (
    select report_period, unit_id, 'outcome' as measure, outcome_tkr as computed
    from mart.avdelningar
    union all
    select report_period, unit_id, 'budget' as measure, budget_tkr
    from mart.avdelningar
    union all
    select report_period, unit_id, 'difference' as measure, difference_tkr
    from mart.avdelningar
),

goals as (
    select report_period, goal_area_code, measure, computed
    from mart.maluppfyllelse
    unpivot (
        computed for measure in (
            assignments_0, assignments_1, assignments_2, assignments_3,
            indicators_0, indicators_1, indicators_2, indicators_3
        )
    )
),

computed as (
    select
        'nyckeltal' as section,
        id as item,
        unit_id,
        breakdown,
        measure,
        period,
        computed
    from outcome_measures
    union all
    select 'kommentar' as section, id, unit_id, breakdown, measure, period, computed
    from outcome_measures
    union all
    select 'personal' as section, id, unit_id, breakdown, measure, period, computed
    from outcome_measures
    union all
    select 'ekonomi' as section, result_line_code, 'RS', '', measure, report_period, computed
    from economy
    union all
    select 'avdelningar' as section, unit_id, unit_id, '', measure, report_period, computed
    from departments
    union all
    select 'maluppfyllelse' as section, goal_area_code, 'RS', '', measure, report_period, computed
    from goals
),

sections as (
    select
        section,
        section_name,
        cast(sort_order as bigint) as sort_order
    from seed.published_sections
),

measures as (
    select
        measure,
        measure_name
    from seed.published_measures
),

item_names as (
    select id as item, min(name) as item_name
    from outcomes
    group by id
    union all
    select result_line_code as item, min(result_line_name) as item_name
    from mart.ekonomi
    group by result_line_code
    union all
    select unit_id as item, min(department_name) as item_name
    from mart.avdelningar
    group by unit_id
    union all
    select goal_area_code as item, min(goal_area_name) as item_name
    from mart.maluppfyllelse
    group by goal_area_code
),

joined as (
    select
        published.*,
        sections.section_name,
        sections.sort_order as section_sort_order,
        coalesce(item_names.item_name, published.item) as item_name,
        coalesce(measures.measure_name, published.measure) as measure_name,
        -- The departments' mart is in tkr; some departments were printed in mkr.
        case
            when published.section = 'avdelningar' and published.unit = 'mkr'
                then cast(computed.computed * 0.001 as decimal(24, 9))
            else cast(computed.computed as decimal(24, 9))
        end as computed_value
    from published
    left join computed
        on
            published.section = computed.section
            and published.item = computed.item
            and published.unit_id = computed.unit_id
            and published.breakdown = computed.breakdown
            and published.measure = computed.measure
            and published.period = computed.period
    left join sections on published.section = sections.section
    left join measures on published.measure = measures.measure
    left join item_names on published.item = item_names.item
),

compared as (
    select
        *,
        cast(computed_value - value as decimal(24, 9)) as difference,
        case decimals
            when 0 then 0.5
            when 1 then 0.05
            when 2 then 0.005
            else 0.0005
        end as tolerance
    from joined
),

final as (
    select
        report_period,
        -- What does not agree stands first.
        case when abs(difference) <= tolerance then 10000000 else 0 end
        + section_sort_order * 100000
        + cast(substr(published_id, 2) as bigint) as sort_order,
        'body' as row_kind,
        published_id,
        section_name,
        concat_ws(
            ', ',
            item_name,
            case when section in ('nyckeltal', 'kommentar') then unit_id end,
            nullif(breakdown, ''),
            case when period <> report_period then period end
        ) as subject,
        measure_name,
        unit,
        printed,
        value as published_value,
        computed_value,
        difference,
        case
            when computed_value is null then 'Beräknat värde saknas'
            when abs(difference) <= tolerance then 'Ja'
            else 'Nej'
        end as agrees,
        source || ', rad ' || source_line as source
    from compared
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

-- One row per figure of a printed report.
-- What was printed beside what is computed. They agree when the computed figure, rounded to the
-- printed number of decimals, is the printed one. What was printed is about the units of the
-- organisation in force when its period ended: amounts are summed through that organisation, and a
-- figure that is summed through the latest one only is not compared where its unit holds other
-- units now. A count that differs only by outcomes which the print says it lacked is no
-- disagreement with the print, and is told apart.
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
        attainment,
        decimals,
        is_coarse
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

exact_measures as (
    select
        id,
        unit_id,
        breakdown,
        period,
        decimals,
        is_coarse,
        'value' as measure,
        cast(value as double) as computed
    from outcomes
    union all
    select
        id,
        unit_id,
        breakdown,
        period,
        decimals,
        is_coarse,
        'numerator' as measure,
        case when not is_coarse then cast(numerator as double) end
    from outcomes
    union all
    select
        id,
        unit_id,
        breakdown,
        period,
        decimals,
        is_coarse,
        'denominator' as measure,
        case when not is_coarse then cast(denominator as double) end
    from outcomes
    union all
    select
        id,
        unit_id,
        breakdown,
        period,
        decimals,
        is_coarse,
        'attainment_pct' as measure,
        case when not is_coarse then cast(attainment as double) * 100 end
    from outcomes
    union all
    select
        outcomes.id,
        outcomes.unit_id,
        outcomes.breakdown,
        outcomes.period,
        outcomes.decimals,
        outcomes.is_coarse,
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

-- A ratio about persons is told as it is printed, here as well.
outcome_measures as (
    select
        id,
        unit_id,
        breakdown,
        period,
        measure,
        case
            when not is_coarse then computed
            when decimals = 0 then cast(round(cast(computed as decimal(24, 9)), 0) as double)
            when decimals = 1 then cast(round(cast(computed as decimal(24, 9)), 1) as double)
            else cast(round(cast(computed as decimal(24, 9)), 2) as double)
        end as computed
    from exact_measures
),

-- The organisation of each printed period, and what its units are called there.
places as (
    select
        period_organisations.period_id,
        organisation_contents.organisation_id,
        organisation_contents.unit_id,
        organisation_contents.unit_name,
        organisation_contents.level,
        organisation_contents.is_as_latest
    from core.period_organisations
    inner join core.organisation_contents
        on period_organisations.organisation_id = organisation_contents.organisation_id
    where
        period_organisations.period_id in (
            select published.report_period
            from published
        )
),

ledger as (
    select
        ledger_tertials.period,
        organisation_ancestors.ancestor_unit_id as unit_id,
        ledger_tertials.result_line_code,
        sum(ledger_tertials.outcome_sek) as outcome_sek,
        sum(ledger_tertials.budget_sek) as budget_sek,
        sum(ledger_tertials.previous_sek) as previous_sek
    from core.ledger_tertials
    inner join core.period_organisations
        on ledger_tertials.period = period_organisations.period_id
    inner join core.organisation_ancestors
        on
            period_organisations.organisation_id = organisation_ancestors.organisation_id
            and ledger_tertials.unit_id = organisation_ancestors.unit_id
    group by all
),

result_lines as (
    select
        result_line_code,
        result_line_name,
        line_type
    from core.result_lines
    where line_type in ('income', 'cost')
),

-- Every line of the statement, also one without a krona, and the sums of the lines.
statement_lines as (
    select result_line_code, result_line_code as summed_code
    from result_lines
    union all
    select 'summa_intakter' as result_line_code, result_line_code as summed_code
    from result_lines
    where line_type = 'income'
    union all
    select 'summa_bruttokostnader' as result_line_code, result_line_code as summed_code
    from result_lines
    where line_type = 'cost'
    union all
    select 'summa_nettokostnader' as result_line_code, result_line_code as summed_code
    from result_lines
),

boards as (
    select
        period,
        bool_or(budget_sek is not null) as has_budget,
        bool_or(previous_sek is not null) as has_previous
    from ledger
    where unit_id = 'RS'
    group by period
),

statements as (
    select
        boards.period,
        statement_lines.result_line_code,
        coalesce(sum(ledger.outcome_sek), 0) as outcome_sek,
        case when bool_or(boards.has_budget) then coalesce(sum(ledger.budget_sek), 0) end
            as budget_sek,
        case when bool_or(boards.has_previous) then coalesce(sum(ledger.previous_sek), 0) end
            as previous_sek
    from boards
    cross join statement_lines
    left join ledger
        on
            boards.period = ledger.period
            and ledger.unit_id = 'RS'
            and statement_lines.summed_code = ledger.result_line_code
    group by boards.period, statement_lines.result_line_code
),

units as (
    select
        period,
        unit_id,
        sum(outcome_sek) as outcome_sek,
        sum(budget_sek) as budget_sek
    from ledger
    group by period, unit_id
),

economy as (
    select period, result_line_code, 'outcome' as measure, outcome_sek as computed_sek
    from statements
    union all
    select period, result_line_code, 'budget' as measure, budget_sek
    from statements
    union all
    select period, result_line_code, 'difference' as measure, outcome_sek - budget_sek
    from statements
    union all
    select period, result_line_code, 'previous' as measure, previous_sek
    from statements
    union all
    select period, result_line_code, 'change' as measure, outcome_sek - previous_sek
    from statements
),

departments as (
    select period, unit_id, 'outcome' as measure, outcome_sek as computed_sek
    from units
    union all
    select period, unit_id, 'budget' as measure, budget_sek
    from units
    union all
    select period, unit_id, 'difference' as measure, outcome_sek - budget_sek
    from units
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

-- The counts of indicators as they would be with the outcomes that the printed report had: what it
-- prints as missing is counted as missing, whatever has been computed since.
printed_statuses as (
    select
        report_period,
        indicator_id,
        unit_id,
        printed_status
    from core.published_statuses
),

counted_indicators as (
    select
        reports.report_period,
        plan_indicators.goal_area_code,
        case
            when printed_statuses.printed_status = 3 then 3
            else coalesce(cast(judged.status as bigint), 3)
        end as status
    from (select distinct told.report_period from printed_statuses as told) as reports
    inner join core.periods on reports.report_period = periods.period_id
    inner join core.plan_indicators
        on
            plan_indicators.has_target
            and periods.first_month >= plan_indicators.valid_from
            and periods.last_month <= plan_indicators.valid_to
    left join indicator.outcomes as judged
        on
            plan_indicators.indicator_id = judged.id
            and plan_indicators.unit_id = judged.unit_id
            and plan_indicators.breakdown = judged.breakdown
            and reports.report_period = judged.period
            and judged.sex = 'T'
    left join printed_statuses
        on
            reports.report_period = printed_statuses.report_period
            and plan_indicators.indicator_id = printed_statuses.indicator_id
            and plan_indicators.unit_id = printed_statuses.unit_id
            and plan_indicators.breakdown = ''
),

printed_counts as (
    select
        report_period,
        goal_area_code as item,
        'indicators_' || status as measure,
        count(*) as as_the_print_had
    from counted_indicators
    group by all
    union all
    select
        report_period,
        'total' as item,
        'indicators_' || status as measure,
        count(*) as as_the_print_had
    from counted_indicators
    group by all
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
    select
        'ekonomi' as section,
        result_line_code,
        'RS',
        '',
        measure,
        period,
        cast(computed_sek as decimal(18, 2)) * cast(0.001 as decimal(4, 3)) as computed
    from economy
    union all
    select
        'avdelningar' as section,
        unit_id,
        unit_id,
        '',
        measure,
        period,
        cast(computed_sek as decimal(18, 2)) * cast(0.001 as decimal(4, 3)) as computed
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
    select goal_area_code as item, min(goal_area_name) as item_name
    from mart.maluppfyllelse
    group by goal_area_code
),

joined as (
    select
        published.*,
        sections.section_name,
        sections.sort_order as section_sort_order,
        case
            when published.section <> 'avdelningar' or places.unit_name is null
                then coalesce(item_names.item_name, published.item)
            when places.level = 'department' then places.unit_id || ' ' || places.unit_name
            else 'Totalsumma ' || places.unit_name
        end as item_name,
        coalesce(measures.measure_name, published.measure) as measure_name,
        published.section in ('nyckeltal', 'kommentar', 'personal')
        and not coalesce(places.is_as_latest, true) as is_reorganised,
        -- The ledger's sums are in tkr; some departments were printed in mkr.
        case
            when
                published.section in ('nyckeltal', 'kommentar', 'personal')
                and not coalesce(places.is_as_latest, true)
                then null
            when published.section = 'avdelningar' and published.unit = 'mkr'
                then cast(computed.computed * 0.001 as decimal(24, 9))
            else cast(computed.computed as decimal(24, 9))
        end as computed_value,
        -- A status that nothing has is counted zero times.
        case
            when
                published.section = 'maluppfyllelse'
                and published.measure like 'indicators_%'
                and published.report_period in (
                    select printed_statuses.report_period
                    from printed_statuses
                )
                then coalesce(printed_counts.as_the_print_had, 0)
        end as as_the_print_had
    from published
    left join computed
        on
            published.section = computed.section
            and published.item = computed.item
            and published.unit_id = computed.unit_id
            and published.breakdown = computed.breakdown
            and published.measure = computed.measure
            and published.period = computed.period
    left join printed_counts
        on
            published.section = 'maluppfyllelse'
            and published.report_period = printed_counts.report_period
            and published.item = printed_counts.item
            and published.measure = printed_counts.measure
    left join sections on published.section = sections.section
    left join measures on published.measure = measures.measure
    left join item_names on published.item = item_names.item
    left join places
        on
            published.report_period = places.period_id
            and published.unit_id = places.unit_id
),

compared as (
    select
        *,
        coalesce(cast(as_the_print_had as decimal(24, 9)), computed_value) as compared_value,
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
        compared_value,
        difference,
        case
            when is_reorganised then 'Enheten är omorganiserad'
            when computed_value is null then 'Beräknat värde saknas'
            when abs(difference) <= tolerance then 'Ja'
            when as_the_print_had = value then 'Uppgiften saknas i trycket'
            else 'Nej'
        end as agrees,
        source || ', rad ' || source_line as source
    from compared
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

-- One row per tertial and goal area, a row of totals and a row of shares.
-- Counts assignments and indicators by status 0-3. The rule in force at the period's end weighs
-- what is assessed: all met gives wholly, none assessed gives no data, more than its share not met
-- gives not met, anything else partly. Status 3 is not assessed and has no weight.
with

goal_areas as (
    select
        goal_area_code,
        goal_area_name,
        sort_order
    from core.goal_areas
),

assignments as (
    select
        period,
        goal_area_code,
        status
    from core.assignments
),

plan_indicators as (
    select
        indicator_id,
        unit_id,
        breakdown,
        goal_area_code,
        valid_from,
        valid_to
    from core.plan_indicators
    where has_target
),

outcomes as (
    select
        id,
        unit_id,
        period,
        breakdown,
        cast(status as bigint) as status
    from indicator.outcomes
    where sex = 'T'
),

tertials as (
    select
        period_id,
        first_month,
        last_month
    from core.periods
    where kind = 'tertial'
),

expected as (
    select
        tertials.period_id as period,
        plan_indicators.indicator_id,
        plan_indicators.unit_id,
        plan_indicators.breakdown,
        plan_indicators.goal_area_code
    from plan_indicators
    inner join tertials
        on
            plan_indicators.valid_from <= tertials.first_month
            and plan_indicators.valid_to >= tertials.last_month
),

indicators as (
    select
        expected.period,
        expected.goal_area_code,
        coalesce(outcomes.status, 3) as status
    from expected
    left join outcomes
        on
            expected.indicator_id = outcomes.id
            and expected.unit_id = outcomes.unit_id
            and expected.breakdown = outcomes.breakdown
            and expected.period = outcomes.period
),

report_periods as (
    select period
    from assignments
    union
    select period
    from indicators
    where status < 3
),

items as (
    select period, goal_area_code, 'assignment' as item_kind, status
    from assignments
    union all
    select period, goal_area_code, 'indicator' as item_kind, status
    from indicators
),

counted as (
    select
        items.period,
        items.goal_area_code,
        count(*) filter (where items.item_kind = 'assignment') as assignment_count,
        count(*) filter (where items.item_kind = 'assignment' and items.status = 0)
            as assignments_0,
        count(*) filter (where items.item_kind = 'assignment' and items.status = 1)
            as assignments_1,
        count(*) filter (where items.item_kind = 'assignment' and items.status = 2)
            as assignments_2,
        count(*) filter (where items.item_kind = 'assignment' and items.status = 3)
            as assignments_3,
        count(*) filter (where items.item_kind = 'indicator') as indicator_count,
        count(*) filter (where items.item_kind = 'indicator' and items.status = 0)
            as indicators_0,
        count(*) filter (where items.item_kind = 'indicator' and items.status = 1)
            as indicators_1,
        count(*) filter (where items.item_kind = 'indicator' and items.status = 2)
            as indicators_2,
        count(*) filter (where items.item_kind = 'indicator' and items.status = 3)
            as indicators_3
    from items
    inner join report_periods on items.period = report_periods.period
    group by all
),

with_totals as (
    select
        counted.period,
        goal_areas.sort_order,
        'body' as row_kind,
        goal_areas.goal_area_code,
        goal_areas.goal_area_name,
        counted.assignment_count,
        counted.assignments_0,
        counted.assignments_1,
        counted.assignments_2,
        counted.assignments_3,
        counted.indicator_count,
        counted.indicators_0,
        counted.indicators_1,
        counted.indicators_2,
        counted.indicators_3
    from counted
    inner join goal_areas on counted.goal_area_code = goal_areas.goal_area_code
    union all
    select
        period,
        900 as sort_order,
        'sum' as row_kind,
        'total' as goal_area_code,
        'Totalt antal' as goal_area_name,
        sum(assignment_count),
        sum(assignments_0),
        sum(assignments_1),
        sum(assignments_2),
        sum(assignments_3),
        sum(indicator_count),
        sum(indicators_0),
        sum(indicators_1),
        sum(indicators_2),
        sum(indicators_3)
    from counted
    group by period
),

weighed as (
    select
        with_totals.*,
        rollup_rules.rule_id,
        rollup_rules.assignment_weight,
        rollup_rules.indicator_weight,
        rollup_rules.missed_share,
        with_totals.assignments_0 * rollup_rules.assignment_weight
        + with_totals.indicators_0 * rollup_rules.indicator_weight as met_weight,
        with_totals.assignments_1 * rollup_rules.assignment_weight
        + with_totals.indicators_1 * rollup_rules.indicator_weight as partly_weight,
        with_totals.assignments_2 * rollup_rules.assignment_weight
        + with_totals.indicators_2 * rollup_rules.indicator_weight as missed_weight
    from with_totals
    inner join tertials on with_totals.period = tertials.period_id
    inner join core.rollup_rules
        on
            tertials.last_month >= rollup_rules.valid_from
            and tertials.last_month <= coalesce(rollup_rules.valid_to, date '9999-12-31')
),

judged as (
    select
        *,
        case
            when met_weight + partly_weight + missed_weight = 0 then 3
            when partly_weight + missed_weight = 0 then 0
            when
                missed_weight > missed_share * (met_weight + partly_weight + missed_weight)
                then 2
            else 1
        end as status
    from weighed
),

statuses as (
    select
        cast(status as bigint) as status,
        goal_word
    from seed.statuses
),

-- A goal area without assignments or indicators has no cell there, which is not the same as zero.
final as (
    select
        judged.period as report_period,
        judged.sort_order,
        judged.row_kind,
        judged.goal_area_code,
        judged.goal_area_name,
        case when judged.assignment_count > 0 then judged.assignments_0 end as assignments_0,
        case when judged.assignment_count > 0 then judged.assignments_1 end as assignments_1,
        case when judged.assignment_count > 0 then judged.assignments_2 end as assignments_2,
        case when judged.assignment_count > 0 then judged.assignments_3 end as assignments_3,
        case when judged.indicator_count > 0 then judged.indicators_0 end as indicators_0,
        case when judged.indicator_count > 0 then judged.indicators_1 end as indicators_1,
        case when judged.indicator_count > 0 then judged.indicators_2 end as indicators_2,
        case when judged.indicator_count > 0 then judged.indicators_3 end as indicators_3,
        statuses.goal_word as overall_status,
        judged.rule_id,
        concat(
            statuses.goal_word,
            ': vikt ', judged.met_weight, ' helt, ', judged.partly_weight, ' delvis, ',
            judged.missed_weight, ' ej; ',
            judged.assignments_3 + judged.indicators_3, ' utan bedömning; uppdrag väger ',
            judged.assignment_weight, ', nyckeltal ', judged.indicator_weight,
            '; regel ', judged.rule_id
        ) as overall_reason
    from judged
    inner join statuses on judged.status = statuses.status
    union all
    select
        period as report_period,
        910 as sort_order,
        'sum' as row_kind,
        'share' as goal_area_code,
        'Andel av uppdrag respektive nyckeltal, %' as goal_area_name,
        assignments_0 * 100.0 / nullif(assignment_count, 0),
        assignments_1 * 100.0 / nullif(assignment_count, 0),
        assignments_2 * 100.0 / nullif(assignment_count, 0),
        assignments_3 * 100.0 / nullif(assignment_count, 0),
        indicators_0 * 100.0 / nullif(indicator_count, 0),
        indicators_1 * 100.0 / nullif(indicator_count, 0),
        indicators_2 * 100.0 / nullif(indicator_count, 0),
        indicators_3 * 100.0 / nullif(indicator_count, 0),
        null as overall_status,
        null as rule_id,
        null as overall_reason
    from with_totals
    where goal_area_code = 'total'
)

select
    report_period,
    cast(sort_order as bigint) as sort_order,
    row_kind,
    goal_area_code,
    goal_area_name,
    cast(assignments_0 as decimal(18, 9)) as assignments_0,
    cast(assignments_1 as decimal(18, 9)) as assignments_1,
    cast(assignments_2 as decimal(18, 9)) as assignments_2,
    cast(assignments_3 as decimal(18, 9)) as assignments_3,
    cast(indicators_0 as decimal(18, 9)) as indicators_0,
    cast(indicators_1 as decimal(18, 9)) as indicators_1,
    cast(indicators_2 as decimal(18, 9)) as indicators_2,
    cast(indicators_3 as decimal(18, 9)) as indicators_3,
    case when indicators_0 is null then 'cannot_occur' end as indicators_0_missing,
    case when indicators_1 is null then 'cannot_occur' end as indicators_1_missing,
    case when indicators_2 is null then 'cannot_occur' end as indicators_2_missing,
    case when indicators_3 is null then 'cannot_occur' end as indicators_3_missing,
    overall_status,
    rule_id,
    overall_reason
from final
order by report_period asc nulls last, sort_order asc nulls last

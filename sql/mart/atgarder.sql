-- One row per tertial and measure, with a sum for each way of measuring.
-- The effect expected for the whole year beside the effect so far, in thousands of kronor. Effects
-- against the year before and against the budget are not comparable, so nothing sums them.
with

measures as (
    select
        period,
        measure_number,
        measure_name,
        comparison,
        case comparison
            when 'previous_year' then 'föregående år'
            else comparison
        end as comparison_name,
        case comparison
            when 'previous_year' then 1
            else 2
        end as comparison_order,
        expected_effect_tkr,
        outcome_tkr,
        compared_tkr,
        effect_tkr
    from core.savings_measures
),

rows_and_sums as (
    select
        period,
        comparison_order * 1000 + measure_number as sort_order,
        'body' as row_kind,
        'M' || measure_number as measure_id,
        measure_name,
        comparison_name,
        expected_effect_tkr,
        outcome_tkr,
        compared_tkr,
        effect_tkr
    from measures
    union all
    select
        period,
        comparison_order * 1000 + 999 as sort_order,
        'subtotal' as row_kind,
        'SUMMA-' || comparison as measure_id,
        'Totalt mot ' || comparison_name as measure_name,
        comparison_name,
        sum(expected_effect_tkr) as expected_effect_tkr,
        case when count(outcome_tkr) = count(*) then sum(outcome_tkr) end as outcome_tkr,
        case when count(compared_tkr) = count(*) then sum(compared_tkr) end as compared_tkr,
        sum(effect_tkr) as effect_tkr
    from measures
    group by period, comparison_order, comparison, comparison_name
),

final as (
    select
        period as report_period,
        cast(sort_order as bigint) as sort_order,
        row_kind,
        measure_id,
        measure_name,
        comparison_name,
        cast(expected_effect_tkr as decimal(18, 3)) as expected_effect_tkr,
        cast(outcome_tkr as decimal(18, 3)) as outcome_tkr,
        cast(compared_tkr as decimal(18, 3)) as compared_tkr,
        cast(effect_tkr as decimal(18, 3)) as effect_tkr
    from rows_and_sums
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

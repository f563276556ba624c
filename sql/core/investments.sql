-- One row per period and object of investment.
-- That a budget was taken away stands in the words of the status; which words mean it is a seed.
with

objects as (
    select * from staging.investments__objects
),

marks as (
    select
        words,
        mark
    from seed.investment_marks
),

removed as (
    select distinct
        objects.period,
        objects.object_number
    from objects
    inner join marks
        on
            marks.mark = 'budget_removed'
            and contains(lower(objects.comment), marks.words)
),

final as (
    select
        objects.period,
        objects.object_number,
        objects.stage,
        objects.area_name,
        objects.unit_id,
        objects.object_name,
        objects.outcome_tkr,
        objects.budget_tkr,
        objects.forecast_tkr,
        objects.total_budget_tkr,
        objects.total_outcome_tkr,
        objects.is_procurement_contacted,
        removed.object_number is not null as is_budget_removed,
        objects.comment,
        objects._delivery,
        objects._row
    from objects
    left join removed
        on
            objects.period = removed.period
            and objects.object_number = removed.object_number
)

select * from final

-- One row per tertial and department of the board, with a sum row per area and one for the board.
-- How much of the deviation from the budget the named causes explain, in millions of kronor.
with

explanations as (
    select * from mart.forklaringar
    where compared_with = 'budget' and row_of = 'unit'
),

final as (
    select
        explanations.report_period,
        explanations.sort_order,
        explanations.row_kind,
        explanations.row_id as unit_id,
        explanations.row_name as unit_name,
        cast(explanations.deviation_tkr * 0.001 as decimal(18, 8)) as deviation_mkr,
        cast(explanations.explained_tkr * 0.001 as decimal(18, 8)) as explained_mkr,
        case
            when not explanations.is_large and explanations.explained_tkr is null
                then 'cannot_occur'
        end as explained_mkr_missing,
        cast(explanations.unexplained_tkr * 0.001 as decimal(18, 8)) as unexplained_mkr,
        explanations.explained_pct,
        case when not explanations.is_large then 'cannot_occur' end as explained_pct_missing,
        explanations.explanation,
        explanations.causes
    from explanations
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

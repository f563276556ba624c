-- One row per tertial, comparison and line of the board's result that deviates more than the limit.
-- What is left without a cause, the largest first; in millions of kronor.
with

explanations as (
    select * from mart.forklaringar
    where row_of = 'line' and is_large
),

final as (
    select
        explanations.report_period,
        row_number() over (
            partition by explanations.report_period
            order by
                explanations.compared_with asc,
                abs(explanations.unexplained_tkr) desc nulls last,
                explanations.row_id asc
        ) as sort_order,
        explanations.row_kind,
        explanations.compared_with,
        explanations.row_id as result_line_code,
        explanations.row_name as result_line_name,
        case explanations.compared_with
            when 'budget' then 'budget'
            else 'föregående år'
        end as compared_words,
        cast(explanations.deviation_tkr * 0.001 as decimal(18, 8)) as deviation_mkr,
        cast(explanations.explained_tkr * 0.001 as decimal(18, 8)) as explained_mkr,
        cast(explanations.unexplained_tkr * 0.001 as decimal(18, 8)) as unexplained_mkr,
        explanations.explained_pct,
        explanations.explanation,
        explanations.causes
    from explanations
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

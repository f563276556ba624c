-- One row per tertial and area of the board, and a sum row.
-- From the budget of the year before to the frame of the year: the transfers that were decided
-- during the year, and what no listed decision tells of. In millions of kronor; costs are negative,
-- so a larger frame is a more negative one.
with

budgets as (
    select
        report_period,
        sort_order,
        row_kind,
        frame_id as unit_id,
        frame_name as area_name,
        previous_mkr
    from mart.ramar_kostnadsslag
    where row_kind = 'subtotal'
),

-- The frames of the year, in force at the period's end.
frames as (
    select
        report_period,
        area_id as unit_id,
        -decided_tkr * 0.001 as decided_mkr,
        -transferred_tkr * 0.001 as transferred_mkr,
        -frame_tkr * 0.001 as frame_mkr,
        decisions
    from mart.ramar
    where row_kind = 'body'
),

named as (
    select
        report_period,
        area_id as unit_id,
        area_name,
        sort_order
    from mart.ramar
    where row_kind = 'body'
),

-- An area with a frame or a budget; where the organisation has changed, one of the two may be
-- missing, and then nothing is compared and no sum is printed.
bodies as (
    select
        coalesce(frames.report_period, budgets.report_period) as report_period,
        coalesce(budgets.sort_order, 800000 + named.sort_order) as sort_order,
        coalesce(frames.unit_id, budgets.unit_id) as unit_id,
        coalesce(replace(budgets.area_name, 'Totalt ', ''), named.area_name) as area_name,
        budgets.previous_mkr,
        frames.transferred_mkr,
        frames.frame_mkr,
        frames.frame_mkr - budgets.previous_mkr - frames.transferred_mkr as unexplained_mkr,
        coalesce(frames.decisions, 'Inga beslut under året.') as decisions
    from frames
    full join budgets
        on
            frames.report_period = budgets.report_period
            and frames.unit_id = budgets.unit_id
    left join named
        on
            frames.report_period = named.report_period
            and frames.unit_id = named.unit_id
),

compared_periods as (
    select report_period
    from bodies
    group by report_period
    having count(previous_mkr) > 0 and count(frame_mkr) > 0
),

rows_and_sums as (
    select
        report_period,
        sort_order,
        'body' as row_kind,
        unit_id,
        area_name,
        previous_mkr,
        unexplained_mkr,
        transferred_mkr,
        frame_mkr,
        decisions
    from bodies
    union all
    select
        report_period,
        900000 as sort_order,
        'sum' as row_kind,
        'RS' as unit_id,
        'Totalt' as area_name,
        case when count(previous_mkr) = count(*) then sum(previous_mkr) end as previous_mkr,
        case when count(unexplained_mkr) = count(*) then sum(unexplained_mkr) end
            as unexplained_mkr,
        case when count(transferred_mkr) = count(*) then sum(transferred_mkr) end
            as transferred_mkr,
        case when count(frame_mkr) = count(*) then sum(frame_mkr) end as frame_mkr,
        'Besluten står vid områdena.' as decisions
    from bodies
    group by report_period
),

final as (
    select
        report_period,
        cast(sort_order as bigint) as sort_order,
        row_kind,
        unit_id,
        area_name,
        cast(previous_mkr as decimal(18, 8)) as previous_mkr,
        cast(unexplained_mkr as decimal(18, 8)) as unexplained_mkr,
        cast(transferred_mkr as decimal(18, 8)) as transferred_mkr,
        cast(frame_mkr as decimal(18, 8)) as frame_mkr,
        decisions
    from rows_and_sums
    where
        report_period in (
            select compared_periods.report_period
            from compared_periods
        )
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

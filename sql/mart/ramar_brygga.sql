-- One row per tertial and area of the board, and a sum row.
-- From the budget of the year before to the frame of the year: the transfers that were decided
-- during the year, and what no listed decision tells of. In millions of kronor; costs are negative,
-- so a larger frame is a more negative one.
with

areas_with_frames as (
    select
        report_period,
        area_id as unit_id
    from mart.ramar
    where row_kind = 'body'
),

tertials as (
    select
        periods.period_id,
        periods.year,
        period_organisations.organisation_id
    from core.periods
    inner join core.period_organisations on periods.period_id = period_organisations.period_id
    where periods.kind = 'tertial'
),

year_budgets as (
    select
        extract(year from month) as year,
        unit_id,
        -sum(amount_sek) as budget_sek
    from core.ledger_budgets
    where line_type in ('income', 'cost')
    group by all
),

whole_years as (
    select extract(year from month) as year
    from core.ledger_budgets
    group by all
    having count(distinct month) = 12
),

-- A budget of the year before belongs to the frame closest above its unit, so that an area inside
-- another counts once.
nearest as (
    select
        tertials.period_id,
        areas_with_frames.unit_id,
        year_budgets.budget_sek,
        row_number() over (
            partition by tertials.period_id, year_budgets.unit_id
            order by organisation_ancestors.distance asc nulls last
        ) as place
    from tertials
    inner join whole_years on tertials.year - 1 = whole_years.year
    inner join year_budgets on tertials.year - 1 = year_budgets.year
    inner join core.organisation_ancestors
        on
            tertials.organisation_id = organisation_ancestors.organisation_id
            and year_budgets.unit_id = organisation_ancestors.unit_id
    inner join areas_with_frames
        on
            tertials.period_id = areas_with_frames.report_period
            and organisation_ancestors.ancestor_unit_id = areas_with_frames.unit_id
),

budgets as (
    select
        period_id as report_period,
        unit_id,
        cast(sum(budget_sek) as decimal(18, 2)) * cast(0.000001 as decimal(7, 6)) as previous_mkr
    from nearest
    where place = 1
    group by period_id, unit_id
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

-- Where the organisation has changed a frame may have no budget of the year before: then nothing is
-- compared and no sum is printed.
bodies as (
    select
        named.report_period,
        named.sort_order,
        named.unit_id,
        named.area_name,
        budgets.previous_mkr,
        frames.transferred_mkr,
        frames.frame_mkr,
        frames.frame_mkr - budgets.previous_mkr - frames.transferred_mkr as unexplained_mkr,
        coalesce(frames.decisions, 'Inga beslut under året.') as decisions
    from named
    inner join frames
        on
            named.report_period = frames.report_period
            and named.unit_id = frames.unit_id
    left join budgets
        on
            named.report_period = budgets.report_period
            and named.unit_id = budgets.unit_id
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

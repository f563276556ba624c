-- One row per tertial and area with a budget frame, and a sum row.
-- The frame as it was decided, the transfers since, and the frame in force at the period's end, in
-- thousands of kronor. An area has the name of the organisation in force when the period ended.
-- Transfers within the board sum to zero; a sum that is not says that an entry
-- lacks its counterpart.
with

tertials as (
    select
        period_id,
        year,
        last_month
    from core.periods
    where kind = 'tertial'
),

-- The same area may be written in two ways in one year; what tells it is its unit.
entries as (
    select
        frame_entries.year,
        frame_entries.entry_number,
        frame_entries.unit_id,
        coalesce(frame_entries.unit_id, frame_entries.area_name) as area_id,
        frame_entries.area_name,
        frame_entries.entry_kind,
        frame_entries.in_force_from,
        case when frame_entries.entry_kind = 'transfer' then frame_entries.decision end
            as transfer_decision,
        frame_entries.amount_tkr
    from core.frame_entries
),

named as (
    select
        tertials.period_id,
        entries.* exclude (area_name),
        coalesce(organisation_contents.unit_name, entries.area_name) as area_name
    from tertials
    inner join entries
        on
            tertials.year = entries.year
            and tertials.last_month + interval 1 month > entries.in_force_from
    inner join core.period_organisations on tertials.period_id = period_organisations.period_id
    left join core.organisation_contents
        on
            period_organisations.organisation_id = organisation_contents.organisation_id
            and entries.unit_id = organisation_contents.unit_id
),

bodies as (
    select
        entries.period_id,
        entries.area_id,
        entries.area_name,
        min(entries.entry_number) as sort_order,
        sum(case when entries.entry_kind = 'frame' then entries.amount_tkr else 0 end)
            as decided_tkr,
        sum(case when entries.entry_kind = 'transfer' then entries.amount_tkr else 0 end)
            as transferred_tkr,
        sum(entries.amount_tkr) as frame_tkr,
        string_agg(distinct entries.transfer_decision, ', ' order by entries.transfer_decision asc)
            as decisions
    from named as entries
    group by entries.period_id, entries.area_id, entries.area_name
),

rows_and_sums as (
    select
        period_id,
        sort_order,
        'body' as row_kind,
        area_id,
        area_name,
        decided_tkr,
        transferred_tkr,
        frame_tkr,
        decisions
    from bodies
    union all
    select
        period_id,
        100000 as sort_order,
        'sum' as row_kind,
        'SUMMA' as area_id,
        'Total nettobudgetram' as area_name,
        sum(decided_tkr) as decided_tkr,
        sum(transferred_tkr) as transferred_tkr,
        sum(frame_tkr) as frame_tkr,
        null as decisions
    from bodies
    group by period_id
),

final as (
    select
        period_id as report_period,
        cast(sort_order as bigint) as sort_order,
        row_kind,
        area_id,
        area_name,
        cast(decided_tkr as decimal(18, 3)) as decided_tkr,
        cast(transferred_tkr as decimal(18, 3)) as transferred_tkr,
        cast(frame_tkr as decimal(18, 3)) as frame_tkr,
        decisions
    from rows_and_sums
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

-- One row per year and entry in the book of frames.
-- The plans give the frames of their years; a year that the book of frames has been delivered for
-- is taken from the book alone. The frame on a day is the sum of what was in force that day.
with

delivered as (
    select
        year,
        entry_number,
        entry_kind,
        decision,
        in_force_from,
        area_name,
        unit_id,
        amount_tkr,
        note,
        'budgetbok' as source,
        _delivery
    from staging.budget__frames
),

planned as (
    select
        cast(year as bigint) as year,
        cast(entry_number as bigint) as entry_number,
        entry_kind,
        decision,
        cast(in_force_from as date) as in_force_from,
        area_name,
        nullif(unit_id, '') as unit_id,
        cast(amount_tkr as decimal(18, 3)) as amount_tkr,
        nullif(note, '') as note,
        source,
        cast(null as varchar) as _delivery
    from seed.plan_frames
),

delivered_years as (
    select distinct year
    from delivered
),

final as (
    select * from delivered
    union all
    select planned.*
    from planned
    left join delivered_years on planned.year = delivered_years.year
    where delivered_years.year is null
)

select * from final

-- One row per organisation and unit: where the unit stands in that tree.
-- A unit that has ceased stands below its successor, so that its history goes on there. A unit that
-- is made later stands where it was first put, so that its figures are part of an older tree too.
with

organisations as (
    select
        organisation_id,
        valid_from
    from core.organisations
),

unit_successors as (
    select
        unit_id,
        successor_unit_id
    from core.unit_successors
),

known as (
    select max(valid_from) as last_day
    from organisations
),

places as (
    select
        units.unit_id,
        units.unit_name,
        nullif(units.parent_unit_id, '') as parent_unit_id,
        units.level,
        cast(units.sort_order as bigint) as sort_order,
        cast(units.valid_from as date) as valid_from,
        cast(nullif(units.valid_to, '') as date) as valid_to
    from seed.units
    cross join known
    where cast(units.valid_from as date) <= known.last_day
),

lives as (
    select
        unit_id,
        min(valid_from) as first_day,
        max(coalesce(valid_to, date '9999-12-31')) as last_day
    from places
    group by unit_id
),

-- In each organisation the place in force on its first day; before the first place that one, after
-- the last that one.
chosen as (
    select
        organisations.organisation_id,
        organisations.valid_from as organisation_from,
        places.*,
        lives.first_day,
        lives.last_day,
        case
            when lives.first_day > organisations.valid_from then 'later'
            when lives.last_day < organisations.valid_from then 'ceased'
            else 'in_force'
        end as standing
    from organisations
    cross join places
    inner join lives on places.unit_id = lives.unit_id
    where
        case
            when lives.first_day > organisations.valid_from
                then lives.first_day = places.valid_from
            when lives.last_day < organisations.valid_from
                then lives.last_day = places.valid_to
            else
                places.valid_from <= organisations.valid_from
                and coalesce(places.valid_to, date '9999-12-31') >= organisations.valid_from
        end
),

final as (
    select
        chosen.organisation_id,
        chosen.unit_id,
        chosen.unit_name,
        case
            when chosen.standing = 'ceased' then unit_successors.successor_unit_id
            else chosen.parent_unit_id
        end as parent_unit_id,
        chosen.level,
        chosen.sort_order,
        chosen.standing,
        chosen.first_day as valid_from,
        nullif(chosen.last_day, date '9999-12-31') as valid_to
    from chosen
    left join unit_successors on chosen.unit_id = unit_successors.unit_id
)

select * from final

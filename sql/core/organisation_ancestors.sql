-- One row per organisation, unit and ancestor in that tree, the unit itself included.
-- The same facts summed through another organisation are the figures of that organisation.
with recursive

places as (
    select
        organisation_id,
        unit_id,
        parent_unit_id,
        level
    from core.unit_places
),

paths as (
    select
        organisation_id,
        unit_id,
        unit_id as ancestor_unit_id,
        parent_unit_id as next_unit_id,
        level as ancestor_level,
        0 as distance
    from places
    union all
    select
        paths.organisation_id,
        paths.unit_id,
        places.unit_id as ancestor_unit_id,
        places.parent_unit_id as next_unit_id,
        places.level as ancestor_level,
        paths.distance + 1 as distance
    from paths
    inner join places
        on
            paths.organisation_id = places.organisation_id
            and paths.next_unit_id = places.unit_id
    -- A tree deeper than this is a circle.
    where paths.distance < 10
),

final as (
    select
        organisation_id,
        unit_id,
        ancestor_unit_id,
        ancestor_level,
        cast(distance as bigint) as distance
    from paths
)

select * from final

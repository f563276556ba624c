-- One row per unit of the latest organisation, as the outcomes have them.
-- The levels above a unit stand beside it, so that a BI tool needs no recursion; a level that a
-- unit does not have is empty. A unit that has ceased stands below its successor with its history.
with

organisations as (
    select organisation_id
    from core.organisations
    where is_latest
),

units as (
    select
        unit_places.unit_id,
        unit_places.unit_name,
        unit_places.parent_unit_id,
        unit_places.level,
        unit_places.sort_order,
        unit_places.standing,
        unit_places.valid_from,
        unit_places.valid_to,
        unit_places.organisation_id
    from core.unit_places
    inner join organisations on unit_places.organisation_id = organisations.organisation_id
),

ancestors as (
    select
        unit_ancestors.unit_id,
        unit_ancestors.ancestor_unit_id,
        units.unit_name as ancestor_name,
        unit_ancestors.ancestor_level,
        unit_ancestors.distance
    from core.unit_ancestors
    inner join units on unit_ancestors.ancestor_unit_id = units.unit_id
),

-- The nearest of each level, should a tree have two.
levels as (
    select
        unit_id,
        max(distance) as unit_depth,
        min_by(ancestor_unit_id, distance) filter (where ancestor_level = 'region') as region_id,
        min_by(ancestor_name, distance) filter (where ancestor_level = 'region') as region_name,
        min_by(ancestor_unit_id, distance) filter (where ancestor_level = 'board') as board_id,
        min_by(ancestor_name, distance) filter (where ancestor_level = 'board') as board_name,
        min_by(ancestor_unit_id, distance) filter (where ancestor_level = 'area') as area_id,
        min_by(ancestor_name, distance) filter (where ancestor_level = 'area') as area_name,
        min_by(ancestor_unit_id, distance) filter (where ancestor_level = 'department')
            as department_id,
        min_by(ancestor_name, distance) filter (where ancestor_level = 'department')
            as department_name
    from ancestors
    group by unit_id
),

final as (
    select
        units.unit_id,
        units.unit_name,
        units.parent_unit_id,
        units.level,
        levels.unit_depth,
        levels.region_id,
        levels.region_name,
        levels.board_id,
        levels.board_name,
        levels.area_id,
        levels.area_name,
        levels.department_id,
        levels.department_name,
        units.organisation_id,
        units.standing = 'in_force' as is_in_force,
        units.valid_from as unit_valid_from,
        units.valid_to as unit_valid_to,
        units.sort_order as unit_sort
    from units
    left join levels on units.unit_id = levels.unit_id
)

select * from final
order by unit_id asc nulls last

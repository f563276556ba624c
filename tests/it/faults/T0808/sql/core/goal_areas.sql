-- One row per goal area: none.
select
    cast(null as varchar) as goal_area_code,
    cast(null as varchar) as goal_area_name,
    cast(null as bigint) as sort_order
where false

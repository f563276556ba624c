-- One row per indicator that the plan follows: none.
select
    cast(null as varchar) as plan,
    cast(null as varchar) as goal_area_code,
    cast(null as varchar) as indicator_id,
    cast(null as varchar) as unit_id,
    cast(null as varchar) as breakdown,
    cast(null as bigint) as sort_order,
    cast(null as varchar) as printed_name,
    cast(null as varchar) as frequency,
    cast(null as boolean) as has_target,
    cast(null as date) as valid_from,
    cast(null as date) as valid_to
where false

-- One row per target: none.
select
    cast(null as varchar) as plan,
    cast(null as varchar) as plan_revision,
    cast(null as bigint) as revision,
    cast(null as varchar) as indicator_id,
    cast(null as varchar) as unit_id,
    cast(null as varchar) as breakdown,
    cast(null as varchar) as printed,
    cast(null as varchar) as kind,
    cast(null as varchar) as baseline,
    cast(null as varchar) as source,
    cast(null as varchar) as note,
    cast(null as date) as valid_from,
    cast(null as date) as valid_to
where false

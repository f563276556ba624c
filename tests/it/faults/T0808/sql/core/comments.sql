-- One row per indicator, unit and period: none.
select
    cast(null as varchar) as indicator_id,
    cast(null as varchar) as unit_id,
    cast(null as varchar) as period,
    cast(null as varchar) as comment,
    cast(null as varchar) as author_role,
    cast(null as date) as written_date
where false

-- What a comparison needs to know about the deliveries that figures were made of.
with superseded_rows as (
    select
        delivery_id,
        by_delivery_id,
        cast(sum(row_count) as bigint) as row_count
    from meta.superseded
    group by delivery_id, by_delivery_id
),

superseded as (
    select
        delivery_id,
        string_agg(
            by_delivery_id || ' ' || cast(row_count as varchar), ';'
            order by by_delivery_id
        ) as superseded
    from superseded_rows
    group by delivery_id
)

select
    d.delivery_id,
    d.source,
    d.pattern,
    d.period,
    d.scope,
    replace(d.pattern, '{period}', coalesce(d.period, '{period}')) as original_name,
    d.received_at,
    d.rows_read,
    d.rows_accepted,
    d.rows_rejected,
    d.load_fingerprint,
    s.superseded
from meta.deliveries as d
left join superseded as s on d.delivery_id = s.delivery_id
where d.is_in_force
order by d.delivery_id

-- What the release is made from; rows about persons in whole hundreds.
select
    delivery_id,
    replace(pattern, '{period}', coalesce(period, '{period}')) as file_name,
    left(received_at, 10) as received_on,
    if(concerns_persons, cast(round(rows_read, -2) as bigint), rows_read) as rows_read,
    if(concerns_persons, cast(round(rows_accepted, -2) as bigint), rows_accepted)
        as rows_accepted,
    rows_rejected,
    rows_sum
from meta.deliveries
where is_in_force
order by source, file_name, delivery_id

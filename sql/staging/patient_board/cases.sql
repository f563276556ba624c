-- One row per case.
-- Only the day, the topic and the sex go on; the number stays here.
select
    cast(date_trunc('month', received_date) as date) as month,
    received_date,
    closed_date,
    topic,
    sex,
    _delivery,
    _row
from raw.patient_board__cases

-- severity: warn
-- Varje tryckt siffra är den beräknade, avrundad till samma antal decimaler
select
    report_period,
    published_id,
    section_name,
    subject,
    measure_name,
    printed,
    computed_value,
    source
from mart.avstamning
where agrees = 'Nej'

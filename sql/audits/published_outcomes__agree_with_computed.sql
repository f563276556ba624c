-- severity: warn
-- Varje tryckt siffra är den beräknade, avrundad till samma antal decimaler
-- public: report_period, published_id, section_name, subject, measure_name, printed
-- public: computed_value, source
select
    report_period,
    published_id,
    section_name,
    subject,
    measure_name,
    printed,
    compared_value as computed_value,
    source
from mart.avstamning
where agrees = 'Nej'

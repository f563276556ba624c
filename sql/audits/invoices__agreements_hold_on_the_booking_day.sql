-- severity: warn
-- Ett avtal som anges på en faktura gäller på bokföringsdagen
select
    agreement_id,
    count(*) as row_count,
    min(booking_date) as first_booking_date,
    max(booking_date) as last_booking_date,
    sum(net_amount_sek) as net_amount_sek
from core.invoices
where agreement_standing = 'out_of_force'
group by agreement_id

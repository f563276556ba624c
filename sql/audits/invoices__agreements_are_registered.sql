-- severity: warn
-- När avtalsregistret har levererats finns varje avtal som anges på en faktura där
select
    invoices.agreement_id,
    count(*) as row_count,
    sum(invoices.net_amount_sek) as net_amount_sek
from core.invoices
where
    invoices.agreement_standing = 'unregistered'
    and exists (select agreements.agreement_id from core.agreements)
group by invoices.agreement_id

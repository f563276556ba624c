-- severity: stop
-- Varje verifikation i huvudboken summerar till noll
-- public: _delivery, voucher_series, voucher_number, entry_date, difference_sek
select
    _delivery,
    voucher_series,
    voucher_number,
    min(entry_date) as entry_date,
    sum(amount_sek) as difference_sek
from core.ledger_entries
group by _delivery, voucher_series, voucher_number
having sum(amount_sek) <> 0

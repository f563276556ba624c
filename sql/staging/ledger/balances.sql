-- One row per kind of balance, year, account and unit.
-- Year index 0 is the year of the file, -1 the year before.
select
    balance_kind,
    year_index,
    cast(extract(year from year_start) as bigint) as year,
    account_code,
    nullif(unit_code, '') as unit_id,
    amount_sek,
    _delivery,
    _row
from raw.ledger__balances

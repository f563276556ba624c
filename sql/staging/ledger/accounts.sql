-- One row per account of a delivered ledger.
-- The ledger's own names, to be compared with the chart in the seeds.
select
    account_code,
    account_name,
    account_type,
    _delivery,
    _row
from raw.ledger__accounts

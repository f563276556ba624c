-- One row per account, mark and time of validity.
-- A mark says what an account is beside its line: pension cost, depreciation.
select
    account_code,
    mark,
    cast(valid_from as date) as valid_from,
    cast(nullif(valid_to, '') as date) as valid_to,
    reason
from seed.account_marks

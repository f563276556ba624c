-- severity: stop
-- Ett konto hör till högst en rad åt gången
-- public: account_code, earlier_from, later_from
select
    earlier.account_code,
    earlier.valid_from as earlier_from,
    later.valid_from as later_from
from core.accounts as earlier
inner join core.accounts as later
    on
        earlier.account_code = later.account_code
        and earlier.valid_from <= later.valid_from
        and coalesce(earlier.valid_to, date '9999-12-31') >= later.valid_from
        and (
            earlier.valid_from < later.valid_from
            or earlier.result_line_code < later.result_line_code
        )

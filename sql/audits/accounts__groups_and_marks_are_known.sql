-- severity: stop
-- Varje rad i resultaträkningen hör till en kontogrupp, och varje märkt konto finns i kontoplanen
-- public: table_name, code
select
    'core.account_groups' as table_name,
    result_lines.result_line_code as code
from core.result_lines
left join core.account_groups
    on result_lines.result_line_code = account_groups.result_line_code
where
    result_lines.line_type in ('income', 'cost')
    and account_groups.account_group_code is null
union all
select
    'core.account_marks' as table_name,
    account_marks.account_code as code
from core.account_marks
left join core.accounts on account_marks.account_code = accounts.account_code
where accounts.account_code is null

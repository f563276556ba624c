-- severity: stop
-- Ingen av ekonomins tabeller har två rader med samma nyckel
select
    'core.account_marks' as table_name,
    concat_ws(' ', account_code, mark, valid_from) as key_text,
    count(*) as row_count
from core.account_marks
group by account_code, mark, valid_from
having count(*) > 1
union all
select
    'core.account_groups' as table_name,
    result_line_code as key_text,
    count(*) as row_count
from core.account_groups
group by result_line_code
having count(*) > 1
union all
select
    'core.counterparts' as table_name,
    concat_ws(' ', counterpart_code, valid_from) as key_text,
    count(*) as row_count
from core.counterparts
group by counterpart_code, valid_from
having count(*) > 1
union all
select
    'core.ledger_measures' as table_name,
    concat_ws(' ', company_code, month, unit_id, account_code, counterpart_code, measure)
        as key_text,
    count(*) as row_count
from core.ledger_measures
group by company_code, month, unit_id, account_code, counterpart_code, measure
having count(*) > 1
union all
select
    'core.frame_entries' as table_name,
    concat_ws(' ', year, entry_number) as key_text,
    count(*) as row_count
from core.frame_entries
group by year, entry_number
having count(*) > 1
union all
select
    'core.area_forecasts' as table_name,
    concat_ws(' ', period, unit_id, version) as key_text,
    count(*) as row_count
from core.area_forecasts
group by period, unit_id, version
having count(*) > 1
union all
select
    'core.agreements' as table_name,
    concat_ws(' ', agreement_id, supplier_id) as key_text,
    count(*) as row_count
from core.agreements
group by agreement_id, supplier_id
having count(*) > 1
union all
select
    'core.balance_sheets' as table_name,
    concat_ws(' ', month, balance_line) as key_text,
    count(*) as row_count
from core.balance_sheets
group by month, balance_line
having count(*) > 1
union all
select
    'core.investments' as table_name,
    concat_ws(' ', period, object_number) as key_text,
    count(*) as row_count
from core.investments
group by period, object_number
having count(*) > 1
union all
select
    'core.savings_measures' as table_name,
    concat_ws(' ', period, measure_number) as key_text,
    count(*) as row_count
from core.savings_measures
group by period, measure_number
having count(*) > 1
union all
select
    'core.printed_cells' as table_name,
    concat_ws(' ', document, table_id, row_number, column_id) as key_text,
    count(*) as row_count
from core.printed_cells
group by document, table_id, row_number, column_id
having count(*) > 1
union all
select
    'core.printed_causes' as table_name,
    cause_id as key_text,
    count(*) as row_count
from core.printed_causes
group by cause_id
having count(*) > 1
union all
select
    'core.printed_deviations' as table_name,
    concat_ws(' ', document, place, subject) as key_text,
    count(*) as row_count
from core.printed_deviations
group by document, place, subject
having count(*) > 1
union all
select
    'core.printed_facts' as table_name,
    concat_ws(' ', document, source_line, fact) as key_text,
    count(*) as row_count
from core.printed_facts
group by document, source_line, fact
having count(*) > 1
union all
select
    'core.printed_ratios' as table_name,
    concat_ws(' ', document, ratio_name) as key_text,
    count(*) as row_count
from core.printed_ratios
group by document, ratio_name
having count(*) > 1
union all
select
    'core.measure_goals' as table_name,
    goal_id as key_text,
    count(*) as row_count
from core.measure_goals
group by goal_id
having count(*) > 1

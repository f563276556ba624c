-- severity: stop
-- Ingen del är större än sin helhet: lösta ärenden, nöjda svar, god hälsa och bedömningar i tid
with

parts as (
    select
        'core.care_assessments' as table_name,
        month as date_of_row,
        within_count as part_count,
        assessed_count as whole_count
    from core.care_assessments
    union all
    select
        'core.helpdesk_cases' as table_name,
        month as date_of_row,
        first_call_count as part_count,
        case_count as whole_count
    from core.helpdesk_cases
    union all
    select
        'core.travel_answers' as table_name,
        month as date_of_row,
        satisfied_count as part_count,
        answered_count as whole_count
    from core.travel_answers
    union all
    select
        'core.travel_answers' as table_name,
        month as date_of_row,
        answered_count as part_count,
        sent_count as whole_count
    from core.travel_answers
    union all
    select
        'core.pupil_health' as table_name,
        make_date(year, 1, 1) as date_of_row,
        good_count as part_count,
        answered_count as whole_count
    from core.pupil_health
)

select
    table_name,
    date_of_row,
    part_count,
    whole_count
from parts
where part_count > whole_count

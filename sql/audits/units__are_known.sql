-- severity: stop
-- Varje rad hör till en känd enhet, och resultatkonton är alltid bokförda på en enhet
with

used as (
    select
        'core.ledger_months' as table_name,
        unit_id,
        count(*) as row_count
    from core.ledger_months
    where unit_id is not null or line_type in ('income', 'cost')
    group by all
    union all
    select
        'core.ledger_budgets' as table_name,
        unit_id,
        count(*) as row_count
    from core.ledger_budgets
    where unit_id is not null
    group by all
    union all
    select
        'core.invoices' as table_name,
        unit_id,
        count(*) as row_count
    from core.invoices
    group by all
    union all
    select
        'core.employments' as table_name,
        unit_id,
        count(*) as row_count
    from core.employments
    group by all
    union all
    select
        'core.worked_time' as table_name,
        unit_id,
        count(*) as row_count
    from core.worked_time
    group by all
    union all
    select
        'core.survey_answers' as table_name,
        unit_id,
        count(*) as row_count
    from core.survey_answers
    group by all
    union all
    select
        'core.survey_response' as table_name,
        unit_id,
        count(*) as row_count
    from core.survey_response
    group by all
    union all
    select
        'core.recruitments' as table_name,
        unit_id,
        count(*) as row_count
    from core.recruitments
    group by all
    union all
    select
        'core.training_participations' as table_name,
        unit_id,
        count(*) as row_count
    from core.training_participations
    where unit_id is not null
    group by all
    union all
    select
        'core.chemical_products' as table_name,
        unit_id,
        count(*) as row_count
    from core.chemical_products
    group by all
    union all
    select
        'core.reported_outcomes' as table_name,
        unit_id,
        count(*) as row_count
    from core.reported_outcomes
    group by all
)

select
    used.table_name,
    used.unit_id,
    used.row_count
from used
left join core.units on used.unit_id = units.unit_id
where units.unit_id is null

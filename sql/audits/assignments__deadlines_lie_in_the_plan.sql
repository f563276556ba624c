-- severity: warn
-- Ett uppdrag har ingen sista dag som ligger före den plan som ger det
-- public: assignment_id, plan, last_year, valid_from, assignment_text
-- public: source, source_line
with

deadlines as (
    select
        assignments.assignment_id,
        assignments.plan,
        assignments.assignment_text,
        assignments.source,
        assignments.source_line,
        cast(
            regexp_extract(assignments.assignment_text, '[Ss]enast[^.]*?(20[0-9]{2})', 1)
            as varchar
        ) as last_year
    from seed.assignments
)

select
    deadlines.assignment_id,
    deadlines.plan,
    deadlines.last_year,
    plans.valid_from,
    deadlines.assignment_text,
    deadlines.source,
    deadlines.source_line
from deadlines
inner join core.plans on deadlines.plan = plans.plan_revision
where
    deadlines.last_year <> ''
    and cast(deadlines.last_year as bigint) < year(plans.valid_from)

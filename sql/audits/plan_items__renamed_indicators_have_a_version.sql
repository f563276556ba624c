-- severity: warn
-- Ett nyckeltal som byter namn mellan två planer har en ny version som säger vad som ändrades
-- Two names are the same when one holds the other, apart from what stands in brackets and from what
-- kind of goal it is. A version counts when it begins after the earlier plan and before the later
-- one has ended.
-- public: indicator_id, earlier_plan, earlier_name, earlier_source, later_plan, later_name
-- public: later_source
with

names as (
    select distinct
        plan_indicators.indicator_id,
        plan_items.plan,
        plan_items.valid_from,
        plan_items.valid_to,
        plan_items.printed_name,
        plan_items.source,
        rtrim(
            trim(
                regexp_replace(
                    regexp_replace(lower(plan_items.printed_name), '^[^:]*mål: ', ''),
                    ' *\([^)]*\)',
                    '',
                    'g'
                )
            ),
            '.'
        ) as bare_name
    from core.plan_items
    inner join seed.plan_indicators
        on
            plan_items.plan_revision = plan_indicators.plan
            and plan_items.nr = cast(plan_indicators.nr as bigint)
),

followed as (
    select distinct
        indicator_id,
        plan,
        valid_from
    from names
),

plans as (
    select
        indicator_id,
        plan,
        valid_from,
        lead(plan) over (
            partition by indicator_id
            order by valid_from asc nulls last
        ) as later_plan
    from followed
),

pairs as (
    select
        plans.indicator_id,
        earlier.plan as earlier_plan,
        earlier.printed_name as earlier_name,
        earlier.source as earlier_source,
        earlier.valid_from as earlier_from,
        later.plan as later_plan,
        later.printed_name as later_name,
        later.source as later_source,
        later.valid_to as later_to,
        contains(earlier.bare_name, later.bare_name)
        or contains(later.bare_name, earlier.bare_name) as is_same
    from plans
    inner join names as earlier
        on
            plans.indicator_id = earlier.indicator_id
            and plans.plan = earlier.plan
    inner join names as later
        on
            plans.indicator_id = later.indicator_id
            and plans.later_plan = later.plan
),

-- Of several names of one indicator the first pair stands for them all, whole: a name keeps the
-- place it was printed in.
renamed as (
    select
        indicator_id,
        earlier_plan,
        earlier_name,
        earlier_source,
        earlier_from,
        later_plan,
        later_name,
        later_source,
        later_to
    from pairs
    qualify
        not bool_or(is_same) over (partition by indicator_id, earlier_plan, later_plan)
        and row_number() over (
            partition by indicator_id, earlier_plan, later_plan
            order by
                earlier_name asc nulls last,
                earlier_source asc nulls last,
                later_name asc nulls last,
                later_source asc nulls last
        ) = 1
)

select
    renamed.indicator_id,
    renamed.earlier_plan,
    renamed.earlier_name,
    renamed.earlier_source,
    renamed.later_plan,
    renamed.later_name,
    renamed.later_source
from renamed
left join indicator.versions
    on
        renamed.indicator_id = versions.id
        and renamed.earlier_from < versions.valid_from
        and renamed.later_to >= versions.valid_from
where versions.id is null

-- One row per plan and revision of a plan, of those decided.
-- What was decided after the moment a release looks from is not in the seed. On a day the plan in
-- force is the one row of a body with that day between `in_force_from` and `in_force_to`.
with

plans as (
    select
        plan as plan_revision,
        coalesce(nullif(revises, ''), plan) as plan,
        plan_name,
        body,
        document,
        decided_by,
        cast(decided_on as date) as decided_on,
        decided_on_basis,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to,
        source
    from seed.plans
),

dated as (
    select
        *,
        greatest(decided_on, valid_from) as in_force_from,
        lead(greatest(decided_on, valid_from)) over (
            partition by plan
            order by decided_on asc nulls last
        ) as next_from,
        row_number() over (
            partition by plan
            order by decided_on asc nulls last
        ) as revision
    from plans
),

final as (
    select
        plan_revision,
        plan,
        cast(revision as bigint) as revision,
        plan_name,
        body,
        document,
        decided_by,
        decided_on,
        decided_on_basis,
        valid_from,
        valid_to,
        in_force_from,
        coalesce(cast(next_from - interval 1 day as date), valid_to) as in_force_to,
        source
    from dated
)

select * from final

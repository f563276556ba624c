-- severity: stop
-- Ett organ har aldrig två planer eller två lydelser av en plan i kraft samma dag
-- public: body, plan_revision, other_plan_revision, in_force_from, in_force_to
select
    plans.body,
    plans.plan_revision,
    others.plan_revision as other_plan_revision,
    plans.in_force_from,
    plans.in_force_to
from core.plans
inner join core.plans as others
    on
        plans.body = others.body
        and plans.plan_revision < others.plan_revision
        and plans.in_force_from <= others.in_force_to
        and plans.in_force_to >= others.in_force_from

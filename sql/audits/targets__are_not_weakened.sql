-- severity: warn
-- Ett mål som bara jämförs med ett tal är aldrig lägre ställt än i den tidigare planen
-- public: indicator_id, unit_id, breakdown, earlier_plan, earlier_printed, plan, printed
with

targets as (
    select
        targets.plan,
        plans.valid_from,
        targets.id as indicator_id,
        targets.unit_id,
        targets.breakdown,
        targets.printed,
        targets.comparator,
        targets.value
    from indicator.targets
    inner join core.plans on targets.plan = plans.plan_revision
    where targets.value is not null and targets.comparator in ('>=', '>', '<=', '<')
),

followed as (
    select
        *,
        lag(plan) over (cell) as earlier_plan,
        lag(printed) over (cell) as earlier_printed,
        lag(value) over (cell) as earlier_value,
        lag(valid_from) over (cell) as earlier_from
    from targets
    window
        cell as (
            partition by indicator_id, unit_id, breakdown
            order by valid_from asc, plan asc
        )
),

-- Targets on the two sides of a break are not of the same measure.
broken as (
    select
        id,
        valid_from
    from indicator.versions
    where breaks_series
)

select
    followed.indicator_id,
    followed.unit_id,
    followed.breakdown,
    followed.earlier_plan,
    followed.earlier_printed,
    followed.plan,
    followed.printed
from followed
where
    case
        when followed.comparator in ('>=', '>') then followed.value < followed.earlier_value
        else followed.value > followed.earlier_value
    end
    and not exists (
        select 1
        from broken
        where
            followed.indicator_id = broken.id
            and broken.valid_from > followed.earlier_from
            and broken.valid_from <= followed.valid_from
    )

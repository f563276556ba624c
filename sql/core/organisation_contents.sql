-- One row per organisation and unit: what the unit holds in that tree.
-- Two units of one name are the same unit only when they hold the same units below them; `content`
-- is equal then. A unit on which nobody is employed and nothing is booked moves no figure, and is
-- no content. `is_as_latest` says whether the unit holds what it holds in the organisation that
-- the release is built on. Figures of units that differ are never put beside each other.
with

used as (
    select distinct unit_id
    from core.unit_places
    where
        unit_id in (select ledger_months.unit_id from core.ledger_months)
        or unit_id in (select ledger_budgets.unit_id from core.ledger_budgets)
        or unit_id in (select employments.unit_id from core.employments)
        or unit_id in (select worked_time.unit_id from core.worked_time)
),

below as (
    select
        organisation_ancestors.organisation_id,
        organisation_ancestors.ancestor_unit_id as unit_id,
        coalesce(string_agg(used.unit_id, ' ' order by used.unit_id asc), '') as content
    from core.organisation_ancestors
    left join used on organisation_ancestors.unit_id = used.unit_id
    group by organisation_ancestors.organisation_id, organisation_ancestors.ancestor_unit_id
),

latest as (
    select
        below.unit_id,
        below.content
    from below
    inner join core.organisations on below.organisation_id = organisations.organisation_id
    where organisations.is_latest
),

final as (
    select
        unit_places.organisation_id,
        organisations.valid_from,
        organisations.valid_to,
        unit_places.unit_id,
        unit_places.unit_name,
        unit_places.level,
        unit_places.sort_order,
        below.content,
        coalesce(below.content = latest.content, false) as is_as_latest
    from core.unit_places
    inner join core.organisations on unit_places.organisation_id = organisations.organisation_id
    inner join below
        on
            unit_places.organisation_id = below.organisation_id
            and unit_places.unit_id = below.unit_id
    left join latest on unit_places.unit_id = latest.unit_id
)

select * from final

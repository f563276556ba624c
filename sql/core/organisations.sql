-- One row per organisation: a whole tree of units and the days it holds.
-- What was decided after the moment a release looks from is not in the seed, so the last row is the
-- organisation that the release is built on.
with

organisations as (
    select
        organisation_id,
        organisation_name,
        cast(decided_on as date) as decided_on,
        decided_on_basis,
        cast(valid_from as date) as valid_from,
        source
    from seed.organisations
),

final as (
    select
        organisation_id,
        organisation_name,
        decided_on,
        decided_on_basis,
        valid_from,
        cast(
            lead(valid_from) over (order by valid_from asc nulls last)
            - interval 1 day as date
        ) as valid_to,
        lead(valid_from) over (order by valid_from asc nulls last) is null as is_latest,
        source
    from organisations
)

select * from final

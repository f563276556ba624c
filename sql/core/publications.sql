-- One row per publication.
-- Records with the same DOI are one publication; the one registered first decides year and type.
with

records as (
    select
        *,
        coalesce(doi, 'post ' || record_id) as publication_key
    from staging.publications__records
),

types as (
    select
        publication_type,
        cast(is_scientific as boolean) as is_scientific
    from seed.publication_types
),

final as (
    select
        records.publication_key,
        arg_min(records.year, (records.registered_date, records.record_id)) as year,
        arg_min(
            records.publication_type, (records.registered_date, records.record_id)
        ) as publication_type,
        arg_min(
            coalesce(types.is_scientific, false), (records.registered_date, records.record_id)
        ) as is_scientific,
        count(*) as record_count,
        cast(date_trunc('month', min(records.registered_date)) as date) as registered_month
    from records
    left join types on records.publication_type = types.publication_type
    group by records.publication_key
)

select * from final

-- One row per recruitment.
-- The days from the advertisement to the day the position was filled.
with

positions as (
    select * from staging.recruitment__positions
),

grouped as (
    select
        positions.reference,
        min(occupation_groups.occupation_group) as occupation_group
    from positions
    inner join core.occupation_groups
        on
            positions.occupation_label between occupation_groups.first_label
            and occupation_groups.last_label
            and positions.published_date between occupation_groups.valid_from
            and coalesce(occupation_groups.valid_to, date '9999-12-31')
    group by positions.reference
),

final as (
    select
        positions.reference,
        positions.unit_id,
        grouped.occupation_group,
        positions.published_date,
        positions.filled_date,
        cast(date_trunc('month', positions.filled_date) as date) as filled_month,
        cast(positions.filled_date - positions.published_date as bigint) as days_to_fill,
        positions.position_count,
        positions.applicant_count,
        positions.status,
        positions._delivery,
        positions._row
    from positions
    left join grouped on positions.reference = grouped.reference
)

select * from final

-- One row per delivered group of items.
-- Antibiotics are the drugs the exclusion list names, less those it takes away again.
with

items as (
    select * from staging.prescriptions__dispensed_items
),

codes as (
    select distinct atc_code
    from items
),

rules as (
    select
        atc_prefix,
        rule
    from seed.atc_exclusions
    where group_code = 'antibiotics'
),

judged as (
    select
        codes.atc_code,
        coalesce(bool_or(rules.rule = 'include'), false)
        and not coalesce(bool_or(rules.rule = 'exclude'), false) as is_antibiotic
    from codes
    left join rules on starts_with(codes.atc_code, rules.atc_prefix)
    group by codes.atc_code
),

final as (
    select
        items.month,
        items.municipality_code,
        items.sex,
        items.age_group,
        items.atc_code,
        items.cost_type,
        items.benefit_type,
        coalesce(judged.is_antibiotic, false) as is_antibiotic,
        cast(items.item_count as bigint) as item_count,
        cast(items.cost_sek as decimal(14, 2)) as cost_sek,
        items._delivery,
        items._row
    from items
    left join judged on items.atc_code = judged.atc_code
)

select * from final

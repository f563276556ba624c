-- severity: warn
-- Varje hälsocentral och vårdenhet i leveranserna har ett område den månad uppgiften gäller
with

delivered as (
    select
        'core.care_assessments' as table_name,
        clinic_id as centre,
        area_name
    from core.care_assessments
    union all
    select
        'core.listed_persons' as table_name,
        centre_code as centre,
        area_name
    from core.listed_persons
    union all
    select
        'core.health_talks' as table_name,
        centre_code as centre,
        area_name
    from core.health_talks
    union all
    select
        'core.health_talk_target_groups' as table_name,
        centre_code as centre,
        area_name
    from core.health_talk_target_groups
)

select
    table_name,
    centre,
    count(*) as row_count
from delivered
where area_name is null
group by table_name, centre

-- One row per tertial and object of investment.
-- What is said of it, and whether procurement has been contacted, in the order of the amounts.
with

objects as (
    select
        report_period,
        sort_order,
        object_id,
        object_name,
        stage_name,
        comment
    from mart.investeringar
    where row_kind = 'body'
),

contacts as (
    select
        period,
        'O' || object_number as object_id,
        is_procurement_contacted
    from core.investments
),

final as (
    select
        objects.report_period,
        objects.sort_order,
        'body' as row_kind,
        objects.object_id,
        objects.object_name,
        objects.stage_name,
        coalesce(objects.comment, 'Ingen kommentar är lämnad.') as comment,
        case
            when contacts.is_procurement_contacted then 'ja'
            when not contacts.is_procurement_contacted then 'nej'
            else 'ingen uppgift'
        end as procurement
    from objects
    left join contacts
        on
            objects.report_period = contacts.period
            and objects.object_id = contacts.object_id
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

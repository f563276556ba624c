-- One row per month, unit and kind of supplier: purchases that can be procured.
-- Those of EU projects are in the sums, and not in the columns that leave them out.
with

invoices as (
    select
        month,
        unit_id,
        is_eu_project,
        net_amount_sek as total_sek,
        case when has_agreement then net_amount_sek else 0 end as agreement_sek
    from core.invoices
    where can_be_procured
)

select
    month,
    unit_id,
    is_eu_project,
    cast(sum(agreement_sek) as decimal(18, 2)) as agreement_sek,
    cast(sum(total_sek) as decimal(18, 2)) as total_sek,
    cast(sum(case when not is_eu_project then agreement_sek end) as decimal(18, 2))
        as agreement_without_eu_sek,
    cast(sum(case when not is_eu_project then total_sek end) as decimal(18, 2))
        as total_without_eu_sek
from invoices
group by month, unit_id, is_eu_project

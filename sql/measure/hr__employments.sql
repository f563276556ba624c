-- One row per month and employment of the monthly paid.
-- By share of placement, so that a person placed half in a unit counts as a half there. A workplace
-- outside Östersund (2380) is in another municipality.
select
    month,
    employment_id,
    person_id,
    unit_id,
    sex,
    coalesce(occupation_group, 'Övriga') as occupation_group,
    workplace_municipality_code is not null as is_workplace_known,
    placement_share,
    case when employment_rate_pct >= 100 then placement_share else 0 end as full_time_share,
    case when workplace_municipality_code <> '2380' then placement_share else 0 end
        as outside_share,
    cast(
        cast(employment_rate_pct as decimal(9, 2)) * cast(placement_share as decimal(9, 2)) * 0.01
        as decimal(18, 6)
    ) as full_time_equivalents
from core.employments
where is_monthly_paid

-- One row per month of assessment and kind of asset: sub-controls that apply, and those fulfilled.
select
    month,
    asset_kind,
    cast(count(*) as bigint) as control_count,
    cast(sum(case when is_fulfilled then 1 else 0 end) as bigint) as fulfilled_count
from core.it_controls
where is_applicable
group by month, asset_kind

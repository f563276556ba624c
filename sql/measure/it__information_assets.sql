-- One row per month of extract: prioritised information assets, and those whose classification is
-- decided and documented.
select
    month,
    cast(count(*) as bigint) as asset_count,
    cast(sum(case when is_classified then 1 else 0 end) as bigint) as classified_count
from core.information_assets
where is_prioritised
group by month

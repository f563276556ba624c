-- One row per goal area.
-- The six areas of the regional plan, in printed order.
select
    goal_area_code,
    goal_area_name,
    printed_in_summary,
    cast(sort_order as bigint) as sort_order
from seed.goal_areas

-- severity: warn
-- Graddagarna ur vädret är avsändarens andel, på fem procentenheter när
-- public: month, stated_share, computed_share
select distinct
    energy.month,
    energy.degree_day_share as stated_share,
    degree_days.degree_day_share as computed_share
from staging.climate__energy as energy
inner join core.degree_days on energy.month = degree_days.month
where abs(energy.degree_day_share - degree_days.degree_day_share) > 0.05

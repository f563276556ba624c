-- One row per line.
select unit_id from mart.totals

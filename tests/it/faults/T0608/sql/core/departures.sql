-- One row per month and line.
select * from staging.transit__departures

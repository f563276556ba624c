-- One row per line.
select from where

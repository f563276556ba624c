-- severity: warn
-- Varje inläst rad hör till en period i kalendern
-- public: table_name, month, row_count
-- A row before the calendar begins belongs to the comparisons that reach back; one that nothing
-- reaches, that has no month, or that lies far ahead of all others, is in no figure.
with

held as (
    select distinct month
    from core.period_months
)

select
    row_months.table_name,
    row_months.month,
    row_months.row_count
from meta.row_months
left join held on row_months.month = held.month
where held.month is null

-- One row per sex, the total too.
-- The total holds women and men: a page looks at it, or at the two, never at all three together.
with

sexes as (
    select
        sex,
        sex_name,
        cast(sort_order as bigint) as sex_sort
    from seed.sexes
)

select * from sexes
order by sex asc nulls last

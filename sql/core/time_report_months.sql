-- One row per employment and month.
-- Scheduled hours, and sick hours of the format's sick codes. A transaction with hours has them on
-- its first day; one without takes its extent, or all, of the schedule of its days. A negative
-- transaction corrects an earlier one.
with

schedule as (
    select
        employment_key,
        day,
        sum(hours) as hours
    from staging.time_reports__schedule
    group by employment_key, day
),

sick as (
    select
        transactions.employment_key,
        transactions.first_day,
        transactions.last_day,
        transactions.hours,
        coalesce(transactions.extent_pct, 100) as extent_pct
    from staging.time_reports__transactions as transactions
    inner join seed.time_codes on transactions.time_code = time_codes.time_code
    where cast(time_codes.is_sick as boolean)
),

sick_days as (
    select
        employment_key,
        first_day as day,
        cast(hours as decimal(24, 6)) as sick_hours
    from sick
    where hours is not null
    union all
    select
        sick.employment_key,
        schedule.day,
        cast(schedule.hours * sick.extent_pct / 100 as decimal(24, 6)) as sick_hours
    from sick
    inner join schedule
        on
            sick.employment_key = schedule.employment_key
            and schedule.day between sick.first_day and sick.last_day
    where sick.hours is null
),

all_days as (
    select
        employment_key,
        day,
        cast(hours as decimal(24, 6)) as schedule_hours,
        cast(0 as decimal(24, 6)) as sick_hours
    from schedule
    union all
    select
        employment_key,
        day,
        cast(0 as decimal(24, 6)) as schedule_hours,
        sick_hours
    from sick_days
),

final as (
    select
        cast(date_trunc('month', day) as date) as month,
        employment_key,
        cast(sum(schedule_hours) as decimal(18, 6)) as schedule_hours,
        cast(sum(sick_hours) as decimal(18, 6)) as sick_hours
    from all_days
    group by date_trunc('month', day), employment_key
)

select * from final

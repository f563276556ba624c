-- One row per employment, spell of sick leave and month.
-- The days of a spell are counted from its first day, over the turn of months and years, and fall
-- in the intervals of `seed.sick_intervals`. The payroll's sick hours of the month are shared among
-- the spells, interval by interval, after their days times extent: the hours stay the payroll's.
with

worked_time as (
    select
        month,
        last_day(month) as month_end,
        employment_id,
        sick_hours_day_1_14,
        sick_hours_day_15_59,
        sick_hours_day_60_on
    from core.worked_time
),

absences as (
    select
        employment_id,
        from_date,
        to_date,
        extent_pct
    from core.sick_absences
),

absences_in_spells as (
    select
        absences.employment_id,
        sick_spells.first_day,
        sick_spells.last_day,
        absences.from_date,
        absences.to_date,
        absences.extent_pct
    from absences
    inner join core.sick_spells
        on
            absences.employment_id = sick_spells.employment_id
            and absences.from_date between sick_spells.first_day
            and coalesce(sick_spells.last_day, date '9999-12-31')
),

intervals as (
    select
        interval_code,
        cast(from_day as integer) as from_day,
        cast(to_day as integer) as to_day
    from seed.sick_intervals
),

pieces as (
    select
        worked_time.month,
        absences_in_spells.employment_id,
        absences_in_spells.first_day,
        absences_in_spells.last_day,
        absences_in_spells.extent_pct,
        intervals.interval_code,
        greatest(
            absences_in_spells.from_date,
            worked_time.month,
            absences_in_spells.first_day + intervals.from_day - 1
        ) as piece_from,
        least(
            absences_in_spells.to_date,
            worked_time.month_end,
            absences_in_spells.first_day + intervals.to_day - 1
        ) as piece_to
    from absences_in_spells
    inner join worked_time
        on
            absences_in_spells.employment_id = worked_time.employment_id
            and absences_in_spells.from_date <= worked_time.month_end
            and absences_in_spells.to_date >= worked_time.month
    cross join intervals
),

spell_pieces as (
    select
        month,
        employment_id,
        first_day,
        last_day,
        interval_code,
        greatest(0, piece_to - piece_from + 1) * extent_pct / 100 as day_count
    from pieces
),

spell_months as (
    select
        month,
        employment_id,
        first_day,
        last_day,
        sum(case when interval_code = 'day_1_14' then day_count else 0 end) as days_day_1_14,
        sum(case when interval_code = 'day_15_59' then day_count else 0 end) as days_day_15_59,
        sum(case when interval_code = 'day_60_on' then day_count else 0 end) as days_day_60_on
    from spell_pieces
    group by
        month,
        employment_id,
        first_day,
        last_day
),

month_sums as (
    select
        month,
        employment_id,
        sum(days_day_1_14) as days_day_1_14,
        sum(days_day_15_59) as days_day_15_59,
        sum(days_day_60_on) as days_day_60_on
    from spell_months
    group by month, employment_id
),

shares as (
    select
        spell_months.*,
        coalesce(spell_months.days_day_1_14 / nullif(month_sums.days_day_1_14, 0), 0)
            as share_day_1_14,
        coalesce(spell_months.days_day_15_59 / nullif(month_sums.days_day_15_59, 0), 0)
            as share_day_15_59,
        coalesce(spell_months.days_day_60_on / nullif(month_sums.days_day_60_on, 0), 0)
            as share_day_60_on
    from spell_months
    inner join month_sums
        on
            spell_months.month = month_sums.month
            and spell_months.employment_id = month_sums.employment_id
),

final as (
    select
        shares.month,
        shares.employment_id,
        shares.first_day,
        shares.last_day,
        cast(shares.days_day_1_14 as decimal(9, 4)) as days_day_1_14,
        cast(shares.days_day_15_59 as decimal(9, 4)) as days_day_15_59,
        cast(shares.days_day_60_on as decimal(9, 4)) as days_day_60_on,
        cast(
            worked_time.sick_hours_day_1_14 * shares.share_day_1_14
            + worked_time.sick_hours_day_15_59 * shares.share_day_15_59
            + worked_time.sick_hours_day_60_on * shares.share_day_60_on
            as decimal(18, 6)
        ) as sick_hours
    from shares
    inner join worked_time
        on
            shares.month = worked_time.month
            and shares.employment_id = worked_time.employment_id
)

select * from final

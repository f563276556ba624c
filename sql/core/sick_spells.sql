-- One row per employment and spell of sick leave.
-- Periods of absence that meet are one spell, whatever their extent and cause of illness.
with

absences as (
    select
        employment_id,
        cause,
        from_date,
        to_date
    from core.sick_absences
),

gaps as (
    select
        cast(value as integer) as gap_days,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from core.method_settings
    where setting = 'spell_gap_days'
),

with_earlier as (
    select
        absences.employment_id,
        absences.from_date,
        absences.to_date,
        gaps.gap_days,
        max(absences.to_date) over (
            partition by absences.employment_id
            order by absences.from_date asc nulls last, absences.cause asc nulls last
            rows between unbounded preceding and 1 preceding
        ) as earlier_to_date
    from absences
    inner join gaps on absences.from_date between gaps.valid_from and gaps.valid_to
),

numbered as (
    select
        employment_id,
        from_date,
        to_date,
        sum(
            case
                when from_date - earlier_to_date <= 1 + gap_days then 0
                else 1
            end
        ) over (
            partition by employment_id
            order by from_date asc nulls last
        ) as spell_number
    from with_earlier
),

final as (
    select
        employment_id,
        min(from_date) as first_day,
        nullif(max(to_date), date '9999-12-31') as last_day
    from numbered
    group by employment_id, spell_number
)

select * from final

-- One row per unit and tertial or year.
-- Sick hours of spells that have lasted at least sixty days over all sick hours, accumulated from
-- January. A spell is judged by its days until the period's last, so that a period once reported is
-- not changed by how a spell went on. An employment whose periods of absence are not delivered
-- counts its hours from day 60.
-- The count of persons is that of the long spells as long as there are any: they are the ones whom
-- the figure could tell of. Women and men are not told apart: few units have that many.
with

sick_time as (
    select
        month,
        employment_id,
        person_id,
        unit_id,
        sick_hours,
        sick_hours_day_60_on
    from core.worked_time
    where sick_hours > 0
),

unit_ancestors as (
    select
        unit_id,
        ancestor_unit_id
    from core.unit_ancestors
    where ancestor_level in ('region', 'board', 'area', 'department')
),

coverage as (
    select max(month) as last_month
    from core.worked_time
),

long_limits as (
    select
        cast(value as integer) as long_days,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from core.method_settings
    where setting = 'long_term_from_day'
),

period_months as (
    select
        period_months.period_id,
        period_months.month,
        last_day(periods.last_month) as last_date,
        long_limits.long_days
    from core.period_months
    inner join core.periods on period_months.period_id = periods.period_id
    cross join coverage
    inner join long_limits
        on periods.last_month between long_limits.valid_from and long_limits.valid_to
    where
        period_months.span = 'period'
        and period_months.kind in ('tertial', 'year')
        and period_months.opens_month <= coverage.last_month
),

long_time as (
    select
        period_months.period_id,
        sick_spell_months.month,
        sick_spell_months.employment_id,
        sum(
            case
                when
                    least(
                        coalesce(sick_spell_months.last_day, period_months.last_date),
                        period_months.last_date
                    ) - sick_spell_months.first_day + 1 >= period_months.long_days
                    then sick_spell_months.sick_hours
                else 0
            end
        ) as long_hours
    from core.sick_spell_months
    inner join period_months on sick_spell_months.month = period_months.month
    group by
        period_months.period_id,
        sick_spell_months.month,
        sick_spell_months.employment_id
),

employment_months as (
    select
        period_months.period_id,
        sick_time.unit_id,
        sick_time.person_id,
        sick_time.sick_hours,
        coalesce(long_time.long_hours, sick_time.sick_hours_day_60_on) as long_hours
    from sick_time
    inner join period_months on sick_time.month = period_months.month
    left join long_time
        on
            period_months.period_id = long_time.period_id
            and sick_time.month = long_time.month
            and sick_time.employment_id = long_time.employment_id
),

summed as (
    select
        employment_months.period_id,
        unit_ancestors.ancestor_unit_id as unit_id,
        sum(employment_months.long_hours) as long_hours,
        sum(employment_months.sick_hours) as sick_hours,
        count(
            distinct
            case when employment_months.long_hours > 0 then employment_months.person_id end
        ) as long_persons,
        count(distinct employment_months.person_id) as sick_persons
    from employment_months
    inner join unit_ancestors on employment_months.unit_id = unit_ancestors.unit_id
    group by employment_months.period_id, unit_ancestors.ancestor_unit_id
),

final as (
    select
        unit_id,
        period_id as period,
        'T' as sex,
        '' as breakdown,
        cast(long_hours as decimal(18, 2)) as numerator,
        cast(sick_hours as decimal(18, 2)) as denominator,
        case when long_persons > 0 then long_persons else sick_persons end as person_count
    from summed
)

select * from final

-- One row per tertial and subject that the board answers for by law or plan.
-- Internal control, the duty to oversee companies and boards, and private providers. As published,
-- and a subject of which nothing has been told says so; beside it stands when the board's own
-- calendar of the year takes it up.
with

subjects as (
    select
        unnest([1, 2, 3]) as sort_order,
        unnest(['Intern kontroll', 'Uppsiktsplikt', 'Privata utförare']) as subject,
        unnest(['Intern kontroll', 'Uppsiktsplikt', 'Vårdval']) as follow_up_subject
),

tertials as (
    select
        period_id,
        year
    from core.periods
    where kind = 'tertial'
),

contents as (
    select
        report_period,
        subject,
        string_agg(text, ' ' order by sort_order asc, content_id asc) as text
    from core.reported_contents
    where section = 'oversight'
    group by report_period, subject
),

-- What a plan calls a subject holds for the calendars of the other plans too.
rules as (
    select distinct
        subject,
        pattern
    from core.follow_up_rules
),

planned as (
    select
        extract(year from items.first_date) as year,
        rules.subject,
        string_agg(
            distinct strftime(items.first_date, '%Y-%m-%d'),
            ', '
            order by strftime(items.first_date, '%Y-%m-%d') asc
        ) as dates
    from rules
    inner join core.meeting_items as items
        on regexp_matches(lower(items.item), rules.pattern)
    group by all
),

final as (
    select
        tertials.period_id as report_period,
        cast(subjects.sort_order as bigint) as sort_order,
        'body' as row_kind,
        subjects.subject,
        coalesce(contents.text, 'Ingen uppföljning är lämnad för perioden.') as text,
        coalesce(planned.dates, 'ingen tid är känd') as planned_dates
    from tertials
    cross join subjects
    left join contents
        on
            tertials.period_id = contents.report_period
            and subjects.subject = contents.subject
    left join planned
        on
            tertials.year = planned.year
            and subjects.follow_up_subject = planned.subject
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

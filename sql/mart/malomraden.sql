-- One row per tertial and goal area: its status and what its report says of it.
-- The status is computed, the comment as published. A claim in it about an indicator whose status
-- says otherwise is named at the text.
with

goals as (
    select
        report_period,
        sort_order,
        goal_area_code,
        goal_area_name,
        overall_status
    from mart.maluppfyllelse
    where row_kind = 'body'
),

published as (
    select
        'tryckt:' || text_id as text_id,
        report_period,
        subject_id as goal_area_code,
        retold as text,
        cast(source_line as bigint) as source_line
    from seed.published_texts
    where kind = 'goal_area'
    union all
    select
        content_id as text_id,
        report_period,
        subject as goal_area_code,
        text,
        source_line
    from core.reported_contents
    where section = 'goal_area'
),

comments as (
    select
        report_period,
        goal_area_code,
        string_agg(text, ' ' order by source_line asc, text_id asc) as comment
    from published
    group by report_period, goal_area_code
),

judged as (
    select
        id,
        name,
        period,
        status,
        status_word
    from indicator.outcomes
    where
        sex = 'T'
        and breakdown = ''
        and status in (0, 1, 2)
        and target_printed is not null
),

-- A claim agrees when it does so on one of the levels that the indicator is judged on.
claims as (
    select
        published.report_period,
        published.goal_area_code,
        claims.indicator_id,
        min(judged.name) as indicator_name,
        min(lower(judged.status_word)) as status_word,
        bool_or(
            case claims.claim
                when 'met' then judged.status = 0
                when 'partly_met' then judged.status = 1
                else judged.status in (1, 2)
            end
        ) as agrees
    from core.claims as claims
    inner join published on claims.text_id = published.text_id
    inner join judged
        on
            claims.indicator_id = judged.id
            and claims.report_period = judged.period
    where claims.claim is not null
    group by published.report_period, published.goal_area_code, claims.indicator_id
),

contradictions as (
    select
        report_period,
        goal_area_code,
        string_agg(
            indicator_name || ' (' || status_word || ')',
            ', '
            order by indicator_name asc, indicator_id asc
        ) as named
    from claims
    where not agrees
    group by report_period, goal_area_code
),

final as (
    select
        goals.report_period,
        goals.sort_order,
        'body' as row_kind,
        goals.goal_area_code,
        goals.goal_area_name,
        goals.overall_status,
        coalesce(comments.comment, 'Ingen kommentar är lämnad.')
        || coalesce(
            ' Kommentaren stämmer inte med de beräknade värdena: ' || contradictions.named || '.',
            ''
        ) as comment
    from goals
    left join comments
        on
            goals.report_period = comments.report_period
            and goals.goal_area_code = comments.goal_area_code
    left join contradictions
        on
            goals.report_period = contradictions.report_period
            and goals.goal_area_code = contradictions.goal_area_code
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

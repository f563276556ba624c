-- One row per tertial and area with a full-year forecast, and a sum row.
-- How much of the forecast's deviation from the budget the named causes explain, and what the
-- report says of its change since the forecast before; in millions of kronor.
with

settings as (
    select
        max(value) filter (where setting = 'explain_from_tkr') * 0.001 as limit_mkr,
        max(value) filter (where setting = 'explained_min_pct') as min_pct,
        max(value) filter (where setting = 'explained_max_pct') as max_pct
    from core.method_settings
    where valid_to is null
),

forecasts as (
    select
        report_period,
        sort_order,
        row_kind,
        unit_id,
        unit_name,
        deviation_mkr,
        change_mkr
    from mart.prognos
    where deviation_mkr is not null
),

causes as (
    select
        report_period,
        cause_id,
        unit_id,
        cause,
        effect_tkr * 0.001 as effect_mkr,
        words
    from core.unit_causes
    where compared_with = 'forecast'
),

-- Each cause at its area and at the sum.
counted as (
    select
        forecasts.report_period,
        forecasts.unit_id,
        count(*) as cause_count,
        count(causes.effect_mkr) as amount_count,
        sum(causes.effect_mkr) as explained_mkr,
        string_agg(
            case when forecasts.row_kind = 'body' then causes.words end,
            '; '
            order by causes.cause_id asc
        ) as causes
    from forecasts
    inner join causes
        on
            forecasts.report_period = causes.report_period
            and (forecasts.unit_id = causes.unit_id or forecasts.row_kind = 'sum')
    group by forecasts.report_period, forecasts.unit_id
),

change_causes as (
    select
        report_period,
        unit_id,
        string_agg(cause, '; ' order by cause_id asc) as causes
    from core.unit_causes
    where compared_with = 'previous_forecast'
    group by report_period, unit_id
),

compared as (
    select
        forecasts.*,
        counted.explained_mkr,
        counted.causes,
        change_causes.causes as named_for_change,
        coalesce(counted.cause_count, 0) as cause_count,
        coalesce(counted.amount_count, 0) as amount_count,
        abs(forecasts.deviation_mkr) >= settings.limit_mkr as is_large,
        counted.explained_mkr / nullif(forecasts.deviation_mkr, 0) * 100 as explained_pct,
        settings.min_pct,
        settings.max_pct
    from forecasts
    cross join settings
    left join counted
        on
            forecasts.report_period = counted.report_period
            and forecasts.unit_id = counted.unit_id
    left join change_causes
        on
            forecasts.report_period = change_causes.report_period
            and forecasts.unit_id = change_causes.unit_id
),

final as (
    select
        report_period,
        sort_order,
        row_kind,
        unit_id,
        unit_name,
        cast(deviation_mkr as decimal(18, 8)) as deviation_mkr,
        cast(explained_mkr as decimal(18, 8)) as explained_mkr,
        case when not is_large and explained_mkr is null then 'cannot_occur' end
            as explained_mkr_missing,
        cast(deviation_mkr - coalesce(explained_mkr, 0) as decimal(18, 8)) as unexplained_mkr,
        cast(case when is_large then explained_pct end as decimal(18, 6)) as explained_pct,
        case when not is_large then 'cannot_occur' end as explained_pct_missing,
        case
            when not is_large then 'under gränsen'
            when cause_count = 0 then 'orsak saknas'
            when amount_count = 0 then 'orsak utan belopp'
            when explained_pct < 0 then 'orsakerna går åt andra hållet'
            when explained_pct < min_pct then 'delvis förklarad'
            when explained_pct > max_pct then 'orsakerna är större än avvikelsen'
            else 'förklarad'
        end as explanation,
        case
            when causes is not null then causes
            when cause_count > 0 then 'Orsakerna står vid delarna.'
            else 'Ingen orsak är lämnad.'
        end as causes,
        change_mkr,
        case
            when change_mkr is null then 'Ingen tidigare prognos finns.'
            when named_for_change is not null then named_for_change || '.'
            when row_kind = 'sum' then 'Orsakerna står vid delarna.'
            when abs(change_mkr) < 0.05 then 'Oförändrad.'
            else 'Ingen orsak till ändringen är lämnad.'
        end as change_causes
    from compared
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

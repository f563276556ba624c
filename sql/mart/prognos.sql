-- One row per tertial and area with a full-year forecast, and a sum row.
-- The forecast that was submitted last against the frame in force at the period's end, in millions
-- of kronor; costs are negative, so is a deviation that is worse than the frame. Beside it stands
-- the forecast computed from the months booked, with its interval, and by how much both missed
-- last year's outcome at the same time of the year. The areas are those of the organisation in
-- force when the period ended; an area that holds other units now has no computed figure beside
-- it, since that is a sum over what it holds now.
with

forecasts as (
    select
        area_forecasts.period,
        area_forecasts.year,
        area_forecasts.unit_id,
        period_organisations.organisation_id,
        coalesce(organisation_contents.unit_name, area_forecasts.unit_id) as unit_name,
        coalesce(organisation_contents.sort_order, 90000) as sort_order,
        area_forecasts.is_same_unit,
        area_forecasts.forecast_tkr,
        area_forecasts.previous_tkr,
        area_forecasts.version,
        area_forecasts.submitted_date,
        area_forecasts.responsible_role,
        area_forecasts.comment
    from core.area_forecasts
    inner join core.period_organisations on area_forecasts.period = period_organisations.period_id
    left join core.organisation_contents
        on
            period_organisations.organisation_id = organisation_contents.organisation_id
            and area_forecasts.unit_id = organisation_contents.unit_id
    where area_forecasts.is_latest
),

-- An entry belongs to the forecast closest above it, so that an area inside another counts once.
entries as (
    select
        forecasts.period,
        forecasts.unit_id,
        frame_entries.amount_tkr,
        row_number() over (
            partition by forecasts.period, frame_entries.year, frame_entries.entry_number
            order by organisation_ancestors.distance asc nulls last
        ) as place
    from forecasts
    inner join core.periods on forecasts.period = periods.period_id
    inner join core.organisation_ancestors
        on
            forecasts.organisation_id = organisation_ancestors.organisation_id
            and forecasts.unit_id = organisation_ancestors.ancestor_unit_id
    inner join core.frame_entries
        on
            organisation_ancestors.unit_id = frame_entries.unit_id
            and forecasts.year = frame_entries.year
            and periods.last_month + interval 1 month > frame_entries.in_force_from
),

frames as (
    select
        period,
        unit_id,
        sum(amount_tkr) as frame_tkr
    from entries
    where place = 1
    group by period, unit_id
),

computed as (
    select
        period,
        unit_id,
        forecast,
        forecast_low,
        forecast_high,
        answer_word,
        last_error,
        responsible_last_error
    from indicator.signals
    where
        id = 'economy__net_outcome_tkr'
        and question = 'forecast'
        and breakdown = ''
),

bodies as (
    select
        forecasts.*,
        -frames.frame_tkr as budget_tkr,
        cast(computed.forecast as decimal(18, 3)) as computed_tkr,
        cast(computed.forecast_low as decimal(18, 3)) as computed_low_tkr,
        cast(computed.forecast_high as decimal(18, 3)) as computed_high_tkr,
        case
            when not forecasts.is_same_unit then 'området är omorganiserat'
            when computed.forecast is null then 'kan inte bedömas'
            when computed.answer_word like '%(svag)' then 'svag'
        end as computed_remark,
        cast(computed.last_error as decimal(18, 3)) as computed_error_tkr,
        cast(computed.responsible_last_error as decimal(18, 3)) as error_tkr
    from forecasts
    left join frames
        on
            forecasts.period = frames.period
            and forecasts.unit_id = frames.unit_id
    left join computed
        on
            forecasts.period = computed.period
            and forecasts.unit_id = computed.unit_id
            and forecasts.is_same_unit
),

rows_and_sums as (
    select
        period,
        sort_order,
        'body' as row_kind,
        unit_id,
        unit_name,
        forecast_tkr,
        budget_tkr,
        previous_tkr,
        computed_tkr,
        computed_low_tkr,
        computed_high_tkr,
        computed_remark,
        computed_error_tkr,
        error_tkr,
        version,
        submitted_date,
        responsible_role,
        comment
    from bodies
    union all
    select
        period,
        100000 as sort_order,
        'sum' as row_kind,
        'TOTALT' as unit_id,
        'Totalt' as unit_name,
        sum(forecast_tkr) as forecast_tkr,
        case when count(budget_tkr) = count(*) then sum(budget_tkr) end as budget_tkr,
        case when count(previous_tkr) = count(*) then sum(previous_tkr) end as previous_tkr,
        case when count(computed_tkr) = count(*) then sum(computed_tkr) end as computed_tkr,
        -- Intervals of areas do not add up to one of their sum.
        null as computed_low_tkr,
        null as computed_high_tkr,
        max(computed_remark) as computed_remark,
        case when count(computed_error_tkr) = count(*) then sum(computed_error_tkr) end
            as computed_error_tkr,
        case when count(error_tkr) = count(*) then sum(error_tkr) end as error_tkr,
        null as version,
        max(submitted_date) as submitted_date,
        null as responsible_role,
        null as comment
    from bodies
    group by period
),

in_mkr as (
    select
        *,
        cast(forecast_tkr as decimal(18, 3)) * cast(0.001 as decimal(4, 3)) as forecast_mkr,
        cast(budget_tkr as decimal(18, 3)) * cast(0.001 as decimal(4, 3)) as budget_mkr,
        cast(previous_tkr as decimal(18, 3)) * cast(0.001 as decimal(4, 3)) as previous_mkr,
        cast(computed_tkr as decimal(18, 3)) * cast(0.001 as decimal(4, 3)) as computed_mkr,
        cast(computed_low_tkr as decimal(18, 3)) * cast(0.001 as decimal(4, 3)) as computed_low_mkr,
        cast(computed_high_tkr as decimal(18, 3)) * cast(0.001 as decimal(4, 3))
            as computed_high_mkr,
        cast(computed_error_tkr as decimal(18, 3)) * cast(0.001 as decimal(4, 3))
            as computed_error_mkr,
        cast(error_tkr as decimal(18, 3)) * cast(0.001 as decimal(4, 3)) as error_mkr
    from rows_and_sums
),

final as (
    select
        period as report_period,
        cast(sort_order as bigint) as sort_order,
        row_kind,
        unit_id,
        unit_name,
        cast(forecast_mkr as decimal(18, 6)) as forecast_mkr,
        cast(budget_mkr as decimal(18, 6)) as budget_mkr,
        cast(forecast_mkr - budget_mkr as decimal(18, 6)) as deviation_mkr,
        cast(previous_mkr as decimal(18, 6)) as previous_mkr,
        cast(forecast_mkr - previous_mkr as decimal(18, 6)) as change_mkr,
        cast(computed_mkr as decimal(18, 6)) as computed_mkr,
        cast(computed_low_mkr as decimal(18, 6)) as computed_low_mkr,
        cast(computed_high_mkr as decimal(18, 6)) as computed_high_mkr,
        computed_remark,
        cast(computed_error_mkr as decimal(18, 6)) as computed_error_mkr,
        cast(error_mkr as decimal(18, 6)) as error_mkr,
        version,
        submitted_date,
        responsible_role,
        comment
    from in_mkr
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

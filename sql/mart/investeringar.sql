-- One row per tertial and object of investment, with sums per stage and area, per stage, and all.
-- What does not hold together is said in `remark` and never corrected here: the amounts are the
-- delivered ones. A sum over objects that lack a forecast says how many they are.
with

objects as (
    select
        *,
        case stage
            when 'completed' then 'Överförda och avslutade'
            when 'granted' then 'Beviljade och påbörjade'
            else 'Överförda, ej genomförda'
        end as stage_name,
        case stage
            when 'completed' then 1
            when 'granted' then 2
            else 3
        end as stage_order,
        dense_rank() over (partition by period order by area_name desc nulls last) as area_order,
        concat_ws(
            '; ',
            case when outcome_tkr > budget_tkr then 'utfallet är över årets budget' end,
            case when forecast_tkr > budget_tkr then 'prognosen är över årets budget' end,
            case
                when total_outcome_tkr > total_budget_tkr
                    then 'utfallet är över den totala budgeten'
            end,
            case
                when forecast_tkr is null and stage <> 'completed' then 'prognos saknas'
            end,
            case
                when is_budget_removed and budget_tkr <> 0
                    then 'budgeten är borttagen men räknas med'
            end
        ) as remark,
        forecast_tkr is null and stage <> 'completed' as is_forecast_missing
    from core.investments
),

rows_and_sums as (
    select
        period,
        stage_order * 1000000 + area_order * 10000 + object_number as sort_order,
        'body' as row_kind,
        'O' || object_number as object_id,
        stage_name,
        area_name,
        object_name,
        outcome_tkr,
        budget_tkr,
        forecast_tkr,
        total_budget_tkr,
        total_outcome_tkr,
        nullif(remark, '') as remark,
        comment
    from objects
    union all
    select
        period,
        stage_order * 1000000 + area_order * 10000 + 9999 as sort_order,
        'subtotal' as row_kind,
        'DELSUMMA-' || stage || '-' || area_name as object_id,
        stage_name,
        area_name,
        'Summa ' || area_name as object_name,
        sum(outcome_tkr) as outcome_tkr,
        sum(budget_tkr) as budget_tkr,
        sum(forecast_tkr) as forecast_tkr,
        sum(total_budget_tkr) as total_budget_tkr,
        sum(total_outcome_tkr) as total_outcome_tkr,
        case
            when count(*) filter (where is_forecast_missing) > 0
                then 'utan prognos: ' || count(*) filter (where is_forecast_missing)
        end as remark,
        null as comment
    from objects
    group by period, stage, stage_order, stage_name, area_order, area_name
    union all
    select
        period,
        stage_order * 1000000 + 999999 as sort_order,
        'subtotal' as row_kind,
        'SUMMA-' || stage as object_id,
        stage_name,
        null as area_name,
        'Summa ' || lower(stage_name) as object_name,
        sum(outcome_tkr) as outcome_tkr,
        sum(budget_tkr) as budget_tkr,
        sum(forecast_tkr) as forecast_tkr,
        sum(total_budget_tkr) as total_budget_tkr,
        sum(total_outcome_tkr) as total_outcome_tkr,
        case
            when count(*) filter (where is_forecast_missing) > 0
                then 'utan prognos: ' || count(*) filter (where is_forecast_missing)
        end as remark,
        null as comment
    from objects
    group by period, stage, stage_order, stage_name
    union all
    select
        period,
        9999999 as sort_order,
        'sum' as row_kind,
        'SUMMA' as object_id,
        null as stage_name,
        null as area_name,
        'Summa' as object_name,
        sum(outcome_tkr) as outcome_tkr,
        sum(budget_tkr) as budget_tkr,
        sum(forecast_tkr) as forecast_tkr,
        sum(total_budget_tkr) as total_budget_tkr,
        sum(total_outcome_tkr) as total_outcome_tkr,
        case
            when count(*) filter (where is_forecast_missing) > 0
                then 'utan prognos: ' || count(*) filter (where is_forecast_missing)
        end as remark,
        null as comment
    from objects
    group by period
),

final as (
    select
        period as report_period,
        cast(sort_order as bigint) as sort_order,
        row_kind,
        object_id,
        stage_name,
        area_name,
        object_name,
        cast(outcome_tkr as decimal(18, 3)) as outcome_tkr,
        cast(budget_tkr as decimal(18, 3)) as budget_tkr,
        cast(forecast_tkr as decimal(18, 3)) as forecast_tkr,
        cast(total_budget_tkr as decimal(18, 3)) as total_budget_tkr,
        cast(total_outcome_tkr as decimal(18, 3)) as total_outcome_tkr,
        remark,
        comment
    from rows_and_sums
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

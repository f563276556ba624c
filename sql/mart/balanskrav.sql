-- One row per tertial and line of the assessment against the balance requirement.
-- The result of the period is computed; the adjustments that the law asks for, the reserve and the
-- full-year forecast of the whole region are not delivered, so they and what follows from them have
-- no amount and say why. In millions of kronor.
with

results as (
    select
        report_period,
        outcome_mkr
    from mart.resultatrakning
    where line_id = 'periodens_resultat'
),

equity as (
    select
        report_period,
        closing_mkr,
        opening_mkr
    from mart.balansrakning
    where balance_line = 'equity'
),

-- How much of the board's own forecast is known; the other boards deliver none.
forecasts as (
    select
        report_period,
        deviation_mkr
    from mart.prognos
    where row_kind = 'sum'
),

requirement_lines as (
    select
        results.report_period,
        10 as sort_order,
        'body' as row_kind,
        'periodens_resultat' as line_id,
        'Periodens resultat enligt resultaträkningen' as line_name,
        results.outcome_mkr as amount_mkr,
        'Beräknat ur huvudboken' as basis
    from results
    union all
    select
        report_period,
        20 as sort_order,
        'body' as row_kind,
        'realisationsvinster' as line_id,
        'Realisationsvinster och realisationsförluster' as line_name,
        null as amount_mkr,
        'Kontoplanen skiljer inte ut dem' as basis
    from results
    union all
    select
        report_period,
        30 as sort_order,
        'body' as row_kind,
        'orealiserade' as line_id,
        'Orealiserade vinster och förluster i värdepapper, med återföring' as line_name,
        null as amount_mkr,
        'Avkastningen på placerade pensionsmedel levereras odelad' as basis
    from results
    union all
    select
        report_period,
        40 as sort_order,
        'subtotal' as row_kind,
        'efter_justeringar' as line_id,
        'Resultat efter balanskravsjusteringar' as line_name,
        null as amount_mkr,
        'Kan inte beräknas utan raderna ovan' as basis
    from results
    union all
    select
        report_period,
        50 as sort_order,
        'body' as row_kind,
        'reserv' as line_id,
        'Avsättning till eller uttag ur reserv' as line_name,
        null as amount_mkr,
        'Ingen uppgift har lämnats' as basis
    from results
    union all
    select
        report_period,
        60 as sort_order,
        'sum' as row_kind,
        'balanskravsresultat' as line_id,
        'Balanskravsresultat' as line_name,
        null as amount_mkr,
        'Kan inte beräknas utan raderna ovan' as basis
    from results
    union all
    select
        results.report_period,
        70 as sort_order,
        'body' as row_kind,
        'helarsprognos' as line_id,
        'Regionens helårsprognos' as line_name,
        null as amount_mkr,
        case
            when forecasts.deviation_mkr is null then 'Ingen prognos har lämnats'
            else 'Bara regionstyrelsens områden har lämnat en prognos'
        end as basis
    from results
    left join forecasts on results.report_period = forecasts.report_period
    union all
    select
        report_period,
        80 as sort_order,
        'body' as row_kind,
        'eget_kapital' as line_id,
        'Eget kapital vid periodens slut' as line_name,
        closing_mkr as amount_mkr,
        'Ur balansräkningen, med periodens resultat' as basis
    from equity
    union all
    select
        report_period,
        90 as sort_order,
        'body' as row_kind,
        'eget_kapital_ingaende' as line_id,
        'Eget kapital vid årets början' as line_name,
        opening_mkr as amount_mkr,
        'Ur balansräkningen' as basis
    from equity
),

final as (
    select
        report_period,
        cast(sort_order as bigint) as sort_order,
        row_kind,
        line_id,
        line_name,
        cast(amount_mkr as decimal(18, 8)) as amount_mkr,
        basis
    from requirement_lines
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last

-- severity: warn
-- En åtgärds effekt hittills ligger nära den bedömda för samma del av året
with

settings as (
    select
        setting,
        value
    from core.method_settings
    where valid_to is null
),

limits as (
    select
        max(value) filter (where setting = 'measure_min_pct') as min_pct,
        max(value) filter (where setting = 'measure_max_pct') as max_pct
    from settings
),

periods as (
    select
        period_id,
        date_diff('month', first_month, last_month) + 1 as months
    from core.periods
),

compared as (
    select
        measures.period,
        measures.measure_name,
        measures.expected_effect_tkr,
        measures.effect_tkr,
        cast(measures.expected_effect_tkr * periods.months / 12 as decimal(18, 1))
            as expected_so_far_tkr,
        cast(
            round(
                measures.effect_tkr * 100 / (measures.expected_effect_tkr * periods.months / 12),
                0
            ) as bigint
        ) as share_pct,
        measures._delivery,
        measures._row
    from core.savings_measures as measures
    inner join periods on measures.period = periods.period_id
    where measures.expected_effect_tkr <> 0 and measures.effect_tkr is not null
)

select compared.*
from compared
cross join limits
where
    compared.share_pct < limits.min_pct
    or compared.share_pct > limits.max_pct

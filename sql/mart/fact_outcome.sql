-- One row per outcome: its keys, and what is known of it.
-- The rows and the figures of `indicator.outcomes` as they are published, and no finer: a ratio
-- about persons is told as it is printed here as well, without what it was made of.
with

outcomes as (
    select
        indicator_id,
        unit_id,
        period,
        sex,
        breakdown,
        decimals,
        value,
        numerator,
        denominator,
        missing,
        target_printed,
        target_comparator,
        target_value,
        plan,
        attainment,
        status,
        status_word,
        expected,
        reported,
        is_preliminary,
        method_version,
        mark,
        is_coarse
    from indicator.outcomes
),

final as (
    select
        indicator_id,
        unit_id,
        period,
        sex,
        breakdown,
        case
            when not is_coarse then value
            when decimals = 0 then cast(round(cast(value as decimal(38, 12)), 0) as double)
            when decimals = 1 then cast(round(cast(value as decimal(38, 12)), 1) as double)
            else cast(round(cast(value as decimal(38, 12)), 2) as double)
        end as value,
        case when not is_coarse then cast(numerator as double) end as numerator,
        case when not is_coarse then cast(denominator as double) end as denominator,
        missing as missing_reason,
        coalesce(missing = 'suppressed', false) as is_suppressed,
        target_printed,
        target_comparator,
        target_value,
        plan as target_plan,
        case when not is_coarse then attainment end as attainment,
        cast(status as bigint) as status,
        status_word,
        cast(expected as bigint) as parts_expected,
        cast(reported as bigint) as parts_reported,
        is_preliminary,
        cast(method_version as bigint) as method_version,
        mark,
        is_coarse
    from outcomes
)

select * from final
order by
    indicator_id asc nulls last, unit_id asc nulls last, period asc nulls last,
    sex asc nulls last, breakdown asc nulls last

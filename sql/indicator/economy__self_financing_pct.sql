-- One row per tertial and year, for the region.
-- Result and depreciation over net investments since January. Net investments are what the fixed
-- assets grew by in the books plus what was depreciated: sales and disposals are taken off.
with

ledger_months as (
    select
        month,
        account_code,
        line_type,
        balance_group,
        amount_sek
    from core.ledger_months
),

depreciation_accounts as (
    select
        account_code,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from core.account_marks
    where mark = 'depreciation'
),

coverage as (
    select max(month) as last_month
    from ledger_months
),

period_months as (
    select
        period_months.period_id,
        period_months.month
    from core.period_months
    cross join coverage
    where
        period_months.span = 'year_to_date'
        and period_months.kind in ('tertial', 'year')
        and period_months.opens_month <= coverage.last_month
),

spans_summed as (
    select
        period_months.period_id,
        sum(
            case
                when ledger_months.line_type <> 'balance' then ledger_months.amount_sek
                else 0
            end
        ) as result_sek,
        sum(
            case
                when depreciation_accounts.account_code is not null then ledger_months.amount_sek
                else 0
            end
        ) as depreciation_sek,
        sum(
            case
                when ledger_months.balance_group = 'fixed_assets' then ledger_months.amount_sek
                else 0
            end
        ) as asset_growth_sek
    from ledger_months
    inner join period_months on ledger_months.month = period_months.month
    left join depreciation_accounts
        on
            ledger_months.account_code = depreciation_accounts.account_code
            and ledger_months.month between depreciation_accounts.valid_from
            and depreciation_accounts.valid_to
    group by period_months.period_id
),

final as (
    select
        'RJH' as unit_id,
        period_id as period,
        'T' as sex,
        '' as breakdown,
        cast(depreciation_sek - result_sek as decimal(18, 2)) as numerator,
        cast(asset_growth_sek + depreciation_sek as decimal(18, 2)) as denominator,
        cast(null as bigint) as person_count
    from spans_summed
    -- Without investments there is nothing to finance.
    where asset_growth_sek + depreciation_sek > 0
)

select * from final

-- One row per company, month, unit, account, counterpart and measure.
-- The ledger's fact view, summed; says whether the month was closed when the view was taken out.
with

entries as (
    select
        company_code,
        month,
        unit_id,
        account_code,
        counterpart_code,
        measure,
        amount_sek
    from staging.ledger_view__entries
),

periods as (
    select
        company_code,
        month,
        is_closed
    from staging.ledger_view__periods
),

accounts as (
    select
        account_code,
        result_line_code,
        line_type,
        valid_from,
        valid_to
    from core.accounts
),

entries_summed as (
    select
        company_code,
        month,
        unit_id,
        account_code,
        counterpart_code,
        measure,
        cast(sum(amount_sek) as decimal(18, 2)) as amount_sek,
        count(*) as entry_count
    from entries
    group by all
),

final as (
    select
        entries_summed.company_code,
        entries_summed.month,
        entries_summed.unit_id,
        entries_summed.account_code,
        entries_summed.counterpart_code,
        entries_summed.measure,
        accounts.result_line_code,
        accounts.line_type,
        entries_summed.amount_sek,
        entries_summed.entry_count,
        coalesce(periods.is_closed, false) as is_closed
    from entries_summed
    left join accounts
        on
            entries_summed.account_code = accounts.account_code
            and entries_summed.month >= accounts.valid_from
            and entries_summed.month <= coalesce(accounts.valid_to, date '9999-12-31')
    left join periods
        on
            entries_summed.company_code = periods.company_code
            and entries_summed.month = periods.month
)

select * from final

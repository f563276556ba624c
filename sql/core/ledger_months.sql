-- One row per month, unit and account with entries.
-- Every figure about the economy is summed from here; the account's line is the one that was
-- valid in the month. `internal_sek` is the part with an internal counterpart.
with

entries as (
    select
        month,
        unit_id,
        account_code,
        counterpart_code,
        amount_sek
    from core.ledger_entries
),

internal_counterparts as (
    select
        counterpart_code,
        valid_from,
        valid_to
    from core.counterparts
    where is_internal
),

accounts as (
    select
        account_code,
        result_line_code,
        line_type,
        balance_group,
        is_gross_cost,
        valid_from,
        valid_to
    from core.accounts
),

entries_summed as (
    select
        entries.month,
        entries.unit_id,
        entries.account_code,
        cast(sum(entries.amount_sek) as decimal(18, 2)) as amount_sek,
        cast(
            sum(
                case
                    when internal_counterparts.counterpart_code is not null
                        then entries.amount_sek
                    else 0
                end
            ) as decimal(18, 2)
        ) as internal_sek,
        count(*) as entry_count
    from entries
    left join internal_counterparts
        on
            entries.counterpart_code = internal_counterparts.counterpart_code
            and entries.month >= internal_counterparts.valid_from
            and entries.month <= coalesce(internal_counterparts.valid_to, date '9999-12-31')
    group by all
),

final as (
    select
        entries_summed.month,
        entries_summed.unit_id,
        entries_summed.account_code,
        accounts.result_line_code,
        accounts.line_type,
        accounts.balance_group,
        coalesce(accounts.is_gross_cost, false) as is_gross_cost,
        entries_summed.amount_sek,
        entries_summed.internal_sek,
        entries_summed.entry_count
    from entries_summed
    left join accounts
        on
            entries_summed.account_code = accounts.account_code
            and entries_summed.month >= accounts.valid_from
            and entries_summed.month <= coalesce(accounts.valid_to, date '9999-12-31')
)

select * from final

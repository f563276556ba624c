-- One row per account and time of validity.
-- The result line is an attribute of the account, not of its class.
with

accounts as (
    select
        account_code,
        account_name,
        account_type,
        cast(account_class as bigint) as account_class,
        result_line_code,
        cast(valid_from as date) as valid_from,
        cast(nullif(valid_to, '') as date) as valid_to
    from seed.accounts
),

lines as (
    select
        result_line_code,
        result_line_name,
        line_type,
        balance_group,
        is_gross_cost
    from core.result_lines
),

final as (
    select
        accounts.account_code,
        accounts.account_name,
        accounts.account_type,
        accounts.account_class,
        accounts.result_line_code,
        lines.result_line_name,
        lines.line_type,
        lines.balance_group,
        coalesce(lines.is_gross_cost, false) as is_gross_cost,
        accounts.valid_from,
        accounts.valid_to
    from accounts
    left join lines on accounts.result_line_code = lines.result_line_code
)

select * from final

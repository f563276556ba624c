-- severity: warn
-- En månad före den sista bokförda är stängd i ekonomisystemet; i en öppen ändras siffrorna
-- public: company_code, month, period_status
with

booked as (
    select
        company_code,
        max(month) as last_month
    from core.ledger_measures
    where measure = 'outcome'
    group by company_code
)

select
    periods.company_code,
    periods.month,
    periods.period_status
from staging.ledger_view__periods as periods
inner join booked on periods.company_code = booked.company_code
where periods.month < booked.last_month and not periods.is_closed

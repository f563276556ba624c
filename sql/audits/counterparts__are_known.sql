-- severity: warn
-- Varje motpart i huvudboken har en klass, och klassen är den som ekonomisystemet har
-- public: table_name, counterpart_code, ledger_class, our_class, amount_sek
select
    'core.ledger_entries' as table_name,
    entries.counterpart_code,
    null as ledger_class,
    null as our_class,
    sum(entries.amount_sek) as amount_sek
from core.ledger_entries as entries
left join core.counterparts
    on
        entries.counterpart_code = counterparts.counterpart_code
        and entries.month between counterparts.valid_from
        and coalesce(counterparts.valid_to, date '9999-12-31')
where entries.counterpart_code is not null and counterparts.counterpart_code is null
group by entries.counterpart_code
union all
select
    'ledger_view__counterparts' as table_name,
    delivered.counterpart_code,
    delivered.counterpart_class as ledger_class,
    counterparts.counterpart_class as our_class,
    null as amount_sek
from staging.ledger_view__counterparts as delivered
left join core.counterparts
    on
        delivered.counterpart_code = counterparts.counterpart_code
        and delivered.valid_from <= coalesce(counterparts.valid_to, date '9999-12-31')
        and coalesce(delivered.valid_to, date '9999-12-31') >= counterparts.valid_from
where delivered.counterpart_class is distinct from counterparts.counterpart_class

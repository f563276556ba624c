-- What the sources themselves make it possible to check.
select
    case r.claim
        when 'checksum' then 'Kontrollsumma'
        when 'voucher_balance' then 'Verifikationer i balans'
        when 'entries_is_result' then 'Poster lika med resultat'
        when 'opening_plus_entries_is_closing' then 'Ingående plus poster lika med utgående'
        when 'sum_row' then 'Summarad lika med raderna'
        else r.claim
    end as reconciliation,
    count(*) as tried_count,
    count(*) filter (where not r.holds) as failed_count
from meta.reconciliations as r
inner join meta.deliveries as d on r.delivery_id = d.delivery_id
where d.is_in_force
group by r.claim
order by r.claim

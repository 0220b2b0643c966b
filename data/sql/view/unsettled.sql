-- Purchases of a sale that is over: who waits, and of a cancelled show everyone with a claim.
select p.purchase_id
from purchases as p
join books as b on b.show_id = p.show_id
where p.show_id = :show_id and p.purchase_id > :after and (
        p.state in ('in_lobby', 'in_line')
        or (b.status = 'cancelled' and p.state in ('called', 'choosing', 'paying'))
        or (b.status = 'cancelled' and p.state = 'completed' and p.tickets > 0)
    )
order by p.purchase_id
limit :most

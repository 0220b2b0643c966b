-- Payments at providers whose money may still come, begun before a moment, the oldest first.
select p.show_id, p.purchase_id, p.payment_id, p.gateway
from payments as p
where (p.state = 'created' or p.state = 'pending' or p.state = 'authorised')
    and p.created_ms <= :before_ms and p.outside = 1
order by p.created_ms
limit :most

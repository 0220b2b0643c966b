-- The payments, begun before a moment, whose refunds failed, the oldest first: somebody must see.
-- Naming the time, whatever it is, keeps to the index of those that failed.
select r.show_id, r.purchase_id, r.payment_id, p.gateway
from refunds as r
inner join payments as p on p.show_id = r.show_id and p.payment_id = r.payment_id
where r.state = 'failed' and r.created_ms > 0 and p.created_ms < :before_ms
order by r.created_ms
limit :most

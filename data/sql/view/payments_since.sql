-- The next payments at providers begun since a moment, in order of show, purchase and payment.
select p.show_id, p.purchase_id, p.payment_id, p.gateway
from payments as p
where (p.show_id, p.purchase_id, p.payment_id) > (:show_id, :purchase_id, :payment_id)
    and p.created_ms >= :since_ms and p.outside = 1
order by p.show_id, p.purchase_id, p.payment_id
limit :most

-- The refunds of a purchase, in order.
select
    r.show_id, r.refund_id, r.purchase_id, r.payment_id, r.amount_minor, r.ticket_nos, r.reason,
    r.state, r.reference, r.created_ms, r.shift_id, r.tries
from refunds as r
where r.show_id = :show_id and r.purchase_id = :purchase_id
order by r.created_ms, r.refund_id

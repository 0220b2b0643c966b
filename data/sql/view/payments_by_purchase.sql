-- The payments of a purchase, in order.
select
    p.show_id, p.payment_id, p.purchase_id, p.gateway, p.method, p.outside, p.state,
    p.amount_minor, p.currency, p.reference, p.captured_minor, p.refunded_minor, p.created_ms,
    p.changed_ms, p.until_ms, p.action, p.shift_id
from payments as p
where p.show_id = :show_id and p.purchase_id = :purchase_id
order by p.created_ms, p.payment_id

-- The order of a purchase.
select
    o.show_id, o.purchase_id, o.order_no, o.lines, o.price_minor, o.fee_minor, o.currency,
    o.state, o.placed_ms, o.refunded_minor
from orders as o
where o.show_id = :show_id and o.purchase_id = :purchase_id

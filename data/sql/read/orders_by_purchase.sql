-- Orders by (show, purchase).
select
    o.show_id, o.purchase_id, o.order_no, o.lines, o.price_minor, o.fee_minor, o.currency,
    o.state, o.placed_ms,
    o.refunded_minor
from json_each(:keys) as k
cross join orders as o
where o.show_id = cast(k.value ->> 0 as bigint)
    and o.purchase_id = cast(k.value ->> 1 as text)

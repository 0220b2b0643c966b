-- Tickets by (show, order number).
select
    t.show_id, t.order_no, t.ticket_no, t.purchase_id, t.fare_no, t.price_minor, t.fee_minor,
    t.state, t.used_ms,
    t.used_where
from json_each(:keys) as k
cross join tickets as t
where t.show_id = cast(k.value ->> 0 as bigint)
    and t.order_no = cast(k.value ->> 1 as bigint)

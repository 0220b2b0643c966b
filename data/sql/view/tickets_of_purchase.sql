-- The tickets of a purchase, in order.
select
    t.show_id, t.order_no, t.ticket_no, t.purchase_id, t.fare_no, t.price_minor, t.fee_minor,
    t.state, t.used_ms, t.used_where
from tickets as t
where t.show_id = :show_id
    and t.order_no = (
        select p.number from purchases as p
        where p.show_id = :show_id and p.purchase_id = :purchase_id
    )
order by t.ticket_no

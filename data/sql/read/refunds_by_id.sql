-- Refunds by (show, id).
select
    r.show_id, r.refund_id, r.purchase_id, r.payment_id, r.amount_minor, r.ticket_nos, r.reason,
    r.state, r.reference,
    r.created_ms, r.shift_id, r.tries
from json_each(:keys) as k
cross join refunds as r
where r.show_id = cast(k.value ->> 0 as bigint)
    and r.refund_id = cast(k.value ->> 1 as text)

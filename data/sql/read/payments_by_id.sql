-- Payments by (show, id).
select
    p.show_id, p.payment_id, p.purchase_id, p.gateway, p.method, p.outside, p.state,
    p.amount_minor, p.currency, p.reference,
    p.captured_minor, p.refunded_minor, p.created_ms, p.changed_ms,
    p.until_ms, p.action, p.shift_id
from json_each(:keys) as k
cross join payments as p
where p.show_id = cast(k.value ->> 0 as bigint)
    and p.payment_id = cast(k.value ->> 1 as text)

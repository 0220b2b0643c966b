-- Effects by (show, ledger entry, item).
select
    e.show_id, e.ledger_seq, e.item, e.lane, e.kind, e.customer_id, e.purchase_id, e.data,
    e.state, e.due_ms, e.attempts
from json_each(:keys) as k
cross join effects as e
where e.show_id = cast(k.value ->> 0 as bigint)
    and e.ledger_seq = cast(k.value ->> 1 as bigint)
    and e.item = cast(k.value ->> 2 as bigint)

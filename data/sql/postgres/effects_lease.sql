-- Lease the next effects of a lane that are due: while the lease lives nobody else takes them, and
-- if their worker dies they come due again when it ends. What another worker is just leasing is
-- passed over.
with next as materialized (
    select show_id, ledger_seq, item
    from effects
    where state = 'waiting' and lane = :lane and due_ms <= :now_ms
        and kind in (select cast(k.value ->> 0 as text) from json_each(:kinds) as k)
    order by due_ms, show_id, ledger_seq, item
    limit :most
    for update skip locked
)
update effects as e set
    leased_by = :worker,
    due_ms = :until_ms,
    attempts = e.attempts + 1
from next as n
where e.show_id = n.show_id and e.ledger_seq = n.ledger_seq and e.item = n.item
returning
    e.show_id, e.ledger_seq, e.item, e.lane, e.kind, e.customer_id, e.purchase_id, e.data,
    e.state, e.due_ms, e.attempts

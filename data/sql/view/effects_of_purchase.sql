-- Effects about one purchase.
select
    e.show_id, e.ledger_seq, e.item, e.lane, e.kind, e.customer_id, e.purchase_id, e.data,
    e.state, e.due_ms, e.attempts
from effects as e
where e.show_id = :show_id and e.purchase_id = :purchase_id
order by e.ledger_seq, e.item

-- One message.
select
    e.show_id, e.ledger_seq, e.item, e.lane, e.kind, e.customer_id, e.purchase_id, e.data,
    e.state, e.due_ms, e.attempts, e.error, e.ended_ms, e.leased_by
from effects as e
where e.show_id = :show_id and e.ledger_seq = :ledger_seq and e.item = :item
    and e.kind not like 'payment.%'

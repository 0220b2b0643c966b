-- Messages that were given up, the last first; '' and 0 narrow nothing.
select
    e.show_id, e.ledger_seq, e.item, e.lane, e.kind, e.customer_id, e.purchase_id, e.data,
    e.state, e.due_ms, e.attempts, e.error, e.ended_ms, e.leased_by
from effects as e
where e.state = 'dead' and e.ended_ms > 0
    and (:kind = '' or e.kind = :kind)
    and (:show_id = 0 or e.show_id = :show_id)
    and (:customer_id = '' or e.customer_id = :customer_id)
order by e.ended_ms desc, e.show_id, e.ledger_seq, e.item
limit :most offset :skip

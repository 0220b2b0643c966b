-- Messages that were given up, the newest first.
select e.show_id, e.ledger_seq, e.item, e.kind, e.purchase_id, e.error, e.ended_ms
from effects as e
where e.state = 'dead' and e.ended_ms > 0
order by e.ended_ms desc
limit :most

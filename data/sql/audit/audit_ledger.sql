-- The chain of one show, in order.
select show_id, seq, at_ms, kind, purchase_id, actor, data, hash
from ledger
where show_id = :show_id
order by seq

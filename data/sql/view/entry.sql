-- One entry of the ledger.
select show_id, seq, at_ms, kind, purchase_id, actor, data, hash
from ledger
where show_id = :show_id and seq = :seq

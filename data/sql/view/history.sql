-- The ledger about one purchase.
select show_id, seq, at_ms, kind, purchase_id, actor, data, hash
from ledger
where show_id = :show_id and purchase_id = :purchase_id
order by seq

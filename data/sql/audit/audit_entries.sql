-- Entries of the ledger by (show, number).
select l.show_id, l.seq, l.at_ms, l.kind, l.purchase_id, l.actor, l.data, l.hash
from json_each(:keys) as k
cross join ledger as l
where l.show_id = cast(k.value ->> 0 as bigint)
    and l.seq = cast(k.value ->> 1 as bigint)

-- The effects of one show, in the order in which the ledger caused them.
select ledger_seq, item, lane, kind, customer_id, purchase_id, data, state, ended_seq,
    ended_ms
from effects
where show_id = :show_id
order by ledger_seq, item

-- How a message was handed to channels, in order.
select show_id, ledger_seq, item, try_no, channel, part, state, at_ms, said
from attempts
where show_id = :show_id and ledger_seq = :ledger_seq and item = :item
order by try_no, at_ms, case when state = 'sent' then 1 else 0 end, channel, part

-- The books a batch names, in the order in which they are locked.
select
    show_id, status, next_number, lobby, waiting, opened, paying, valid, to_draw, drawn,
    list_digest, seed,
    calls_clear_ms, told_place, wake_ms, last_ms, ledger_seq, ledger_head
from books
where show_id in (select cast(value as bigint) from json_each(:keys))
order by show_id

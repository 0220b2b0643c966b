-- Every book: 0 is the house's.
select
    show_id, status, next_number, lobby, waiting, opened, paying, valid, to_draw, drawn,
    list_digest, seed, change, told_id, calls_clear_ms, told_place, wake_ms, last_ms, ledger_seq,
    ledger_head
from books
order by show_id

-- The books of the shows a batch touched.
insert into books (
    show_id, status, next_number, lobby, waiting, opened, paying, valid, to_draw, drawn,
    list_digest, seed, change, told_id, calls_clear_ms, told_place, wake_ms, last_ms, ledger_seq,
    ledger_head
)
values (
    :show_id, :status, :next_number, :lobby, :waiting, :opened, :paying, :valid, :to_draw,
    :drawn, :list_digest, :seed, :change, :told_id, :calls_clear_ms, :told_place, :wake_ms,
    :last_ms, :ledger_seq, :ledger_head
)
on conflict (show_id) do update set
    status = excluded.status,
    next_number = excluded.next_number,
    lobby = excluded.lobby,
    waiting = excluded.waiting,
    opened = excluded.opened,
    paying = excluded.paying,
    valid = excluded.valid,
    to_draw = excluded.to_draw,
    drawn = excluded.drawn,
    list_digest = excluded.list_digest,
    seed = excluded.seed,
    change = excluded.change,
    told_id = excluded.told_id,
    calls_clear_ms = excluded.calls_clear_ms,
    told_place = excluded.told_place,
    wake_ms = excluded.wake_ms,
    last_ms = excluded.last_ms,
    ledger_seq = excluded.ledger_seq,
    ledger_head = excluded.ledger_head

-- How channels answered; an attempt that is told twice is kept once.
insert into attempts (
    show_id, ledger_seq, item, try_no, channel, part, state, at_ms, said
)
values (
    :show_id, :ledger_seq, :item, :try_no, :channel, :part, :state, :at_ms, :said
)
on conflict (show_id, ledger_seq, item, try_no, channel, part) do update set
    state = excluded.state,
    at_ms = excluded.at_ms,
    said = excluded.said

-- Lease the next effects of a lane that are due: while the lease lives nobody else takes them, and
-- if their worker dies they come due again when it ends. One lane at a time reads no more of the
-- index than it takes, however long the lane is.
update effects set
    leased_by = :worker,
    due_ms = :until_ms,
    attempts = attempts + 1
where (show_id, ledger_seq, item) in (
    select show_id, ledger_seq, item
    from effects
    where state = 'waiting' and lane = :lane and due_ms <= :now_ms
        and kind in (select cast(k.value ->> 0 as text) from json_each(:kinds) as k)
    order by due_ms, show_id, ledger_seq, item
    limit :most
)
returning
    show_id, ledger_seq, item, lane, kind, customer_id, purchase_id, data, state, due_ms, attempts

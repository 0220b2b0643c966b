-- Effects, written with their cause.
insert into effects (
    show_id, ledger_seq, item, lane, kind, customer_id, purchase_id, data, state, due_ms,
    attempts
)
values (
    :show_id, :ledger_seq, :item, :lane, :kind, :customer_id, :purchase_id, :data, :state,
    :due_ms, :attempts
)

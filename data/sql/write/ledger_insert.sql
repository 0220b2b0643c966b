-- Entries of the ledger.
insert into ledger (
    show_id, seq, at_ms, kind, purchase_id, actor, data, hash
)
values (
    :show_id, :seq, :at_ms, :kind, :purchase_id, :actor, :data, :hash
)

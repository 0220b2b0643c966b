-- Give a lease back: the effect is tried again when it is due. Joined to nothing, the state keeps
-- PostgreSQL from walking all that waits by its index instead of reading one row by its key.
update effects set
    leased_by = '',
    due_ms = :due_ms,
    error = :error
where show_id = :show_id and ledger_seq = :ledger_seq and item = :item
    and state || '' = 'waiting' and leased_by = :worker

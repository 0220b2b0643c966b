-- Effects that were given up and are tried anew.
update effects set
    state = 'waiting',
    due_ms = :due_ms,
    attempts = 0,
    error = '',
    ended_ms = null,
    ended_seq = null
where show_id = :show_id and ledger_seq = :ledger_seq and item = :item

-- Effects carried out or given up.
update effects set
    state = :state,
    ended_ms = :ended_ms,
    ended_seq = :ended_seq,
    error = :error,
    leased_by = ''
where show_id = :show_id and ledger_seq = :ledger_seq and item = :item

-- Purchases choosing or paying: sets no column of an index that stays as it is.
update purchases set
    state = :state,
    pool = :pool,
    basket = :basket,
    tickets = :tickets,
    deadline_ms = :deadline_ms,
    session_ms = :session_ms,
    payment_id = :payment_id,
    ending = :ending,
    called_ms = :called_ms,
    last_seq = :last_seq
where show_id = :show_id and purchase_id = :purchase_id
